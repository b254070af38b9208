-- A receipt is counted for staff goals by statements of its own transaction (`store::kpi::counting`), once for all its
-- lines, and no longer by triggers for each of them.
drop trigger receipts_count;
drop trigger receipt_lines_count;
drop trigger receipt_lines_split;
