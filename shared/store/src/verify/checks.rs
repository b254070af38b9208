//! The checks: each a statement that returns what does not fit.

use crate::statement::Statement;

/// What one check looks for. `member`, `subject`, `expected` and `found` are its columns.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// Number of the invariant in the ledger's list.
    pub invariant: &'static str,
    /// What is compared.
    pub what: &'static str,
    /// Prefix of the subject's id: `ent`, `lot`, …; empty for the member itself.
    pub subject: &'static str,
    /// Whether numbers are compared, and not points.
    pub is_count: bool,
    pub(super) statement: Statement,
}

macro_rules! check {
    ($invariant:literal, $what:literal, $subject:literal, $name:literal, $text:expr) => {
        Check {
            invariant: $invariant,
            what: $what,
            subject: $subject,
            is_count: false,
            statement: Statement::new(concat!("verify.", $name), $text),
        }
    };
}

macro_rules! count_check {
    ($invariant:literal, $what:literal, $subject:literal, $name:literal, $text:expr) => {
        Check { is_count: true, ..check!($invariant, $what, $subject, $name, $text) }
    };
}

macro_rules! balance_check {
    ($account:literal) => {
        concat!(
            "select m.id, m.id, coalesce(s.amount, 0), coalesce(b.",
            $account,
            ", 0) from members m left join balances b on b.member_id = m.id left join \
             (select e.member_id, sum(p.amount) as amount from entries e join postings p on p.entry_id = e.id \
             and p.account = '",
            $account,
            "' where e.member_id > ?1 and e.member_id <= ?2 group by e.member_id) s on s.member_id = m.id \
             where m.id > ?1 and m.id <= ?2 and coalesce(s.amount, 0) <> coalesce(b.",
            $account,
            ", 0) limit ?3"
        )
    };
}

macro_rules! lots_check {
    ($bucket:literal, $unless:literal) => {
        concat!(
            "select b.member_id, b.member_id, coalesce(s.amount, 0), b.",
            $bucket,
            " from balances b left join (select l.member_id, sum(l.",
            $bucket,
            ") as amount from lots l where l.member_id > ?1 and l.member_id <= ?2 \
             and l.pending + l.available + l.held > 0 group by l.member_id) s on s.member_id = b.member_id \
             where b.member_id > ?1 and b.member_id <= ?2 and coalesce(s.amount, 0) <> b.",
            $bucket,
            $unless,
            " limit ?3"
        )
    };
}

macro_rules! moves_check {
    ($bucket:literal) => {
        concat!(
            "select s.member_id, s.lot_id, s.amount, l.",
            $bucket,
            " from (select e.member_id, v.lot_id, sum(case when v.bucket = '",
            $bucket,
            "' then v.amount else 0 end) as amount from entries e join lot_moves v on v.entry_id = e.id \
             where e.member_id > ?1 and e.member_id <= ?2 group by e.member_id, v.lot_id) s \
             join lots l on l.id = s.lot_id where l.",
            $bucket,
            " <> s.amount limit ?3"
        )
    };
}

macro_rules! posted_check {
    ($bucket:literal, $unless:literal) => {
        concat!(
            "select x.member_id, x.id, x.posted, x.moved from (select e.member_id, e.id, e.kind, \
             coalesce((select p.amount from postings p where p.entry_id = e.id and p.account = '",
            $bucket,
            "'), 0) as posted, coalesce((select sum(v.amount) from lot_moves v where v.entry_id = e.id \
             and v.bucket = '",
            $bucket,
            "'), 0) as moved from entries e where e.member_id > ?1 and e.member_id <= ?2) x \
             where x.posted <> x.moved",
            $unless,
            " limit ?3"
        )
    };
}

/// Every check on a slice: parameters are the id before it, its last id, and how many differences to return.
pub const CHECKS: &[Check] = &[
    check!(
        "L1",
        "the postings of an entry sum to zero",
        "ent",
        "balanced",
        "select e.member_id, e.id, 0, sum(p.amount) from entries e join postings p on p.entry_id = e.id \
         where e.member_id > ?1 and e.member_id <= ?2 group by e.member_id, e.id having sum(p.amount) <> 0 limit ?3"
    ),
    count_check!(
        "L1",
        "an entry has at least two postings",
        "ent",
        "posted",
        "select e.member_id, e.id, 2, (select count(*) from postings p where p.entry_id = e.id) from entries e \
         where e.member_id > ?1 and e.member_id <= ?2 \
         and (select count(*) from postings p where p.entry_id = e.id) < 2 limit ?3"
    ),
    count_check!(
        "L1",
        "a posting is in the unit of its member's brand (1: it is)",
        "ent",
        "unit",
        "select e.member_id, e.id, 1, 0 from entries e join postings p on p.entry_id = e.id \
         join members m on m.id = e.member_id where e.member_id > ?1 and e.member_id <= ?2 \
         and p.unit <> 'points:' || m.brand limit ?3"
    ),
    count_check!(
        "L2",
        "a member has a balance (1: it has)",
        "",
        "has_balance",
        "select m.id, m.id, 1, 0 from members m left join balances b on b.member_id = m.id \
         where m.id > ?1 and m.id <= ?2 and b.member_id is null limit ?3"
    ),
    check!(
        "L2",
        "the pending balance is the sum of its postings",
        "",
        "pending_postings",
        balance_check!("pending")
    ),
    check!(
        "L2",
        "the available balance is the sum of its postings",
        "",
        "available_postings",
        balance_check!("available")
    ),
    check!("L2", "the held balance is the sum of its postings", "", "held_postings", balance_check!("held")),
    check!("L2", "the pending balance is what the lots hold", "", "pending_lots", lots_check!("pending", "")),
    check!(
        "L2",
        "the available balance is what the lots hold, or a debt while they hold nothing",
        "",
        "available_lots",
        lots_check!("available", " and not (b.available < 0 and coalesce(s.amount, 0) = 0)")
    ),
    check!("L2", "the held balance is what the lots hold", "", "held_lots", lots_check!("held", "")),
    check!(
        "L2",
        "a lot's pending points are the sum of its moves",
        "lot",
        "lot_pending",
        moves_check!("pending")
    ),
    check!(
        "L2",
        "a lot's available points are the sum of its moves",
        "lot",
        "lot_available",
        moves_check!("available")
    ),
    check!("L2", "a lot's held points are the sum of its moves", "lot", "lot_held", moves_check!("held")),
    count_check!(
        "L2",
        "a lot with points has moves, of its own member's entries only (1: so it is)",
        "lot",
        "lot_owner",
        "select l.member_id, l.id, 1, 0 from lots l where l.member_id > ?1 and l.member_id <= ?2 \
         and l.pending + l.available + l.held > 0 and (not exists (select 1 from lot_moves v where v.lot_id = l.id) \
         or exists (select 1 from lot_moves v join entries e on e.id = v.entry_id where v.lot_id = l.id \
         and e.member_id <> l.member_id)) limit ?3"
    ),
    check!(
        "L2",
        "the lots that an entry grants, drained ones too, add up to what it posts to its member",
        "ent",
        "granted",
        "select x.member_id, x.id, x.posted, x.granted from (select e.member_id, e.id, \
         coalesce((select sum(p.amount) from postings p where p.entry_id = e.id and p.amount > 0 \
         and p.account in ('pending', 'available') and e.kind in ('accrual', 'reinstatement', 'adjustment')), 0) as posted, \
         coalesce((select sum(l.granted) from lots l where l.entry_id = e.id and l.member_id = e.member_id), 0) as granted \
         from entries e where e.member_id > ?1 and e.member_id <= ?2) x where x.posted <> x.granted limit ?3"
    ),
    check!(
        "L2",
        "an entry moves in pending lots what it posts",
        "ent",
        "entry_pending",
        posted_check!("pending", "")
    ),
    check!(
        "L2",
        "an entry moves in available lots what it posts, less a debt repaid",
        "ent",
        "entry_available",
        posted_check!("available", " and not (x.posted > x.moved or x.kind = 'clawback')")
    ),
    check!("L2", "an entry moves in held lots what it posts", "ent", "entry_held", posted_check!("held", "")),
    check!(
        "L5",
        "the held balance is what the open holds reserve",
        "",
        "holds",
        "select b.member_id, b.member_id, coalesce(s.points, 0), b.held from balances b left join \
         (select h.member_id, sum(h.points) as points from holds h where h.member_id > ?1 and h.member_id <= ?2 \
         and h.status = 'authorised' group by h.member_id) s on s.member_id = b.member_id \
         where b.member_id > ?1 and b.member_id <= ?2 and b.held <> coalesce(s.points, 0) limit ?3"
    ),
    check!(
        "L5",
        "an open hold's lots add up to it",
        "hld",
        "hold_lots",
        "select h.member_id, h.id, h.points, coalesce((select sum(x.points) from hold_lots x where x.hold_id = h.id), 0) \
         from holds h where h.member_id > ?1 and h.member_id <= ?2 and h.status = 'authorised' \
         and h.points <> coalesce((select sum(x.points) from hold_lots x where x.hold_id = h.id), 0) limit ?3"
    ),
    check!(
        "L5",
        "a captured hold's points are what its receipt spent",
        "hld",
        "captured",
        "select r.member_id, h.id, r.points_paid, h.captured from receipts r join holds h on h.id = r.hold_id \
         where r.member_id > ?1 and r.member_id <= ?2 and h.captured <> r.points_paid limit ?3"
    ),
    check!(
        "L7",
        "a receipt's points spent are what the ledger redeemed",
        "rcp",
        "receipt_paid",
        "select r.member_id, r.id, r.points_paid, coalesce((select sum(p.amount) from entries e join postings p \
         on p.entry_id = e.id and p.account = 'redeemed' where e.member_id = r.member_id \
         and e.receipt_id = r.id and e.kind = 'capture'), 0) \
         from receipts r where r.member_id > ?1 and r.member_id <= ?2 and r.points_paid <> coalesce((select \
         sum(p.amount) from entries e join postings p on p.entry_id = e.id and p.account = 'redeemed' \
         where e.member_id = r.member_id and e.receipt_id = r.id and e.kind = 'capture'), 0) limit ?3"
    ),
    check!(
        "L7",
        "a receipt's points earned are what the ledger issued for it",
        "rcp",
        "receipt_earned",
        "select r.member_id, r.id, r.points_earned, coalesce((select -sum(p.amount) from entries e join postings p \
         on p.entry_id = e.id and p.account = 'issued' where e.member_id = r.member_id \
         and e.receipt_id = r.id and e.kind = 'accrual'), 0) \
         from receipts r where r.member_id > ?1 and r.member_id <= ?2 and r.points_earned <> coalesce((select \
         -sum(p.amount) from entries e join postings p on p.entry_id = e.id and p.account = 'issued' \
         where e.member_id = r.member_id and e.receipt_id = r.id and e.kind = 'accrual'), 0) limit ?3"
    ),
    check!(
        "L7",
        "a receipt's lines earned what the receipt did",
        "rcp",
        "lines_earned",
        "select r.member_id, r.id, r.points_earned, coalesce((select sum(l.points_earned) from receipt_lines l \
         where l.receipt_id = r.id), 0) from receipts r where r.member_id > ?1 and r.member_id <= ?2 \
         and r.points_earned <> coalesce((select sum(l.points_earned) from receipt_lines l \
         where l.receipt_id = r.id), 0) limit ?3"
    ),
    check!(
        "L7",
        "returns gave back what the ledger reinstated",
        "ret",
        "return_back",
        "select t.member_id, t.id, t.points_back, coalesce((select -sum(p.amount) from entries e join postings p \
         on p.entry_id = e.id and p.account = 'redeemed' where e.event = 'return:' || t.id \
         and e.kind = 'reinstatement'), 0) from returns t where t.member_id > ?1 and t.member_id <= ?2 \
         and t.points_back <> coalesce((select -sum(p.amount) from entries e join postings p on p.entry_id = e.id \
         and p.account = 'redeemed' where e.event = 'return:' || t.id and e.kind = 'reinstatement'), 0) limit ?3"
    ),
    check!(
        "L7",
        "returns took back what the ledger clawed back",
        "ret",
        "return_clawed",
        "select t.member_id, t.id, t.points_clawed - t.points_expired - t.points_forgiven, coalesce((select sum(p.amount) from entries e \
         join postings p on p.entry_id = e.id and p.account = 'issued' where e.event = 'return:' || t.id \
         and e.kind = 'clawback'), 0) from returns t where t.member_id > ?1 and t.member_id <= ?2 \
         and t.points_clawed - t.points_expired - t.points_forgiven <> coalesce((select sum(p.amount) from entries e join postings p \
         on p.entry_id = e.id and p.account = 'issued' where e.event = 'return:' || t.id and e.kind = 'clawback'), 0) \
         limit ?3"
    ),
    check!(
        "L7",
        "returns set off no more than what of the receipt's own points ran out or was withheld",
        "rcp",
        "return_expired",
        "select r.member_id, r.id, coalesce((select -sum(v.amount) from lots l join lot_moves v on v.lot_id = l.id \
         join entries e on e.id = v.entry_id where l.receipt_id = r.id and l.source = 'receipt' and e.kind = 'expiry'), 0) \
         + coalesce((select d.taken from fraud_delays d where d.event = 'receipt:' || r.id), 0), \
         s.expired from (select t.receipt_id, sum(t.points_expired) as expired from returns t \
         where t.member_id > ?1 and t.member_id <= ?2 group by t.receipt_id) s join receipts r on r.id = s.receipt_id \
         where s.expired > coalesce((select -sum(v.amount) from lots l join lot_moves v on v.lot_id = l.id \
         join entries e on e.id = v.entry_id where l.receipt_id = r.id and l.source = 'receipt' and e.kind = 'expiry'), 0) \
         + coalesce((select d.taken from fraud_delays d where d.event = 'receipt:' || r.id), 0) limit ?3"
    ),
    count_check!(
        "L6",
        "nothing of a member falls due before the moment that is kept for it (1: so it is)",
        "",
        "due",
        "select b.member_id, b.member_id, 1, 0 from balances b where b.member_id > ?1 and b.member_id <= ?2 and \
         (exists (select 1 from lots l where l.member_id = b.member_id and l.pending + l.available + l.held > 0 \
         and ((l.pending > 0 and (b.due_at is null or l.activates_at < b.due_at)) \
         or (l.pending + l.available > 0 and l.expires_at is not null and (b.due_at is null or l.expires_at < b.due_at)))) \
         or exists (select 1 from holds h where h.member_id = b.member_id and h.status = 'authorised' \
         and (b.due_at is null or h.expires_at < b.due_at))) limit ?3"
    ),
];
