//! Where SQLite and PostgreSQL differ: the only home of statements that are not common to both.

use crate::statement::Statement;

/// Takes the right to write at once. PostgreSQL: `begin isolation level serializable`.
pub const BEGIN_WRITE: Statement = Statement::new("begin", "begin immediate");
/// Fixes one picture of the database to read from; others go on writing. PostgreSQL: `begin isolation level
/// repeatable read read only`.
pub const BEGIN_READ: Statement = Statement::new("begin_read", "begin");
/// Makes the transaction durable.
pub const COMMIT: Statement = Statement::new("commit", "commit");
/// Forgets the transaction.
pub const ROLLBACK: Statement = Statement::new("rollback", "rollback");

/// The schema, oldest first: name and script.
pub const MIGRATIONS: &[(&str, &str)] = &[
    ("0001_foundation", include_str!("../migrations/sqlite/0001_foundation.sql")),
    ("0002_menu", include_str!("../migrations/sqlite/0002_menu.sql")),
    ("0003_promotions", include_str!("../migrations/sqlite/0003_promotions.sql")),
    ("0004_orders", include_str!("../migrations/sqlite/0004_orders.sql")),
    ("0005_tiers", include_str!("../migrations/sqlite/0005_tiers.sql")),
    ("0006_suggestions", include_str!("../migrations/sqlite/0006_suggestions.sql")),
    ("0007_reconciliation", include_str!("../migrations/sqlite/0007_reconciliation.sql")),
    ("0008_messages", include_str!("../migrations/sqlite/0008_messages.sql")),
    ("0009_telegram", include_str!("../migrations/sqlite/0009_telegram.sql")),
    ("0010_feedback", include_str!("../migrations/sqlite/0010_feedback.sql")),
    ("0011_staff_goals", include_str!("../migrations/sqlite/0011_staff_goals.sql")),
    ("0012_fraud", include_str!("../migrations/sqlite/0012_fraud.sql")),
    ("0013_promotions_two", include_str!("../migrations/sqlite/0013_promotions_two.sql")),
    ("0014_orders_two", include_str!("../migrations/sqlite/0014_orders_two.sql")),
    ("0015_counting", include_str!("../migrations/sqlite/0015_counting.sql")),
    ("0016_fraud_two", include_str!("../migrations/sqlite/0016_fraud_two.sql")),
    ("0017_feedback_two", include_str!("../migrations/sqlite/0017_feedback_two.sql")),
    ("0018_tiers_two", include_str!("../migrations/sqlite/0018_tiers_two.sql")),
    ("0019_goals_two", include_str!("../migrations/sqlite/0019_goals_two.sql")),
    ("0020_fraud_three", include_str!("../migrations/sqlite/0020_fraud_three.sql")),
    ("0021_messages_two", include_str!("../migrations/sqlite/0021_messages_two.sql")),
    ("0023_fewer_pages", include_str!("../migrations/sqlite/0023_fewer_pages.sql")),
];

/// Settings of a database file, made once; they persist in the file, so stock Spin gets them too.
pub const FILE_SETTINGS: &[&str] = &["pragma journal_mode = wal"];

/// The triggers by which the database itself refuses to rewrite what is written once (L3), and notes what is late.
pub const APPEND_ONLY: &[&str] = &[
    "entries_no_update",
    "entries_no_delete",
    "postings_no_update",
    "postings_no_delete",
    "lot_moves_no_update",
    "lot_moves_no_delete",
    "lots_no_delete",
    "lots_fixed",
    "receipts_no_update",
    "receipts_no_delete",
    "receipt_lines_no_update",
    "receipt_lines_no_delete",
    "receipt_discounts_no_update",
    "receipt_discounts_no_delete",
    "receipt_funding_no_update",
    "receipt_funding_no_delete",
    "receipt_funding_bounded",
    "referrals_fixed",
    "referrals_end_once",
    "returns_no_update",
    "returns_no_delete",
    "return_lines_no_update",
    "return_lines_no_delete",
    "programme_versions_no_update",
    "programme_versions_no_delete",
    "consents_no_update",
    "holds_end_once",
    "order_payments_fixed",
    "order_payments_succeed_once",
    "order_refunds_fixed",
    "order_refunds_bounded",
    "order_log_no_update",
    "order_log_no_delete",
    "promotion_versions_no_update",
    "promotion_versions_no_delete",
    "promotion_uses_end_once",
    "receipts_touch_tier",
    "returns_touch_tier",
    "tier_judgements_no_update",
    "tier_judgements_no_delete",
    "tier_events_no_update",
    "tier_events_no_delete",
    "tier_grants_end_once",
    "tier_grants_fixed",
    "tier_grants_no_delete",
    "member_homes_move",
    "member_homes_no_update",
    "member_homes_no_delete",
    "feedback_rules_no_update",
    "feedback_rules_no_delete",
    "feedback_requests_no_delete",
    "feedback_requests_end_once",
    "feedback_answers_fixed",
    "feedback_answers_no_delete",
    "feedback_plays_no_update",
    "feedback_plays_no_delete",
    "tickets_no_delete",
    "tickets_closed",
    "tickets_words",
    "ticket_events_fixed",
    "ticket_events_words",
    "ticket_events_no_delete",
    "shifts_close_once",
    "shifts_no_delete",
    "return_lines_count",
    "return_lines_join",
    "staff_card_uses_exclude",
    "kpi_excluded_out",
    "kpi_excluded_in",
    "kpi_ratings_count",
    "feedback_answers_rate",
    "kpi_ratings_no_update",
    "kpi_ratings_no_delete",
    "goal_versions_no_update",
    "goal_versions_no_delete",
    "awards_no_update",
    "awards_no_delete",
    "award_postings_no_update",
    "award_postings_no_delete",
    "fraud_rule_versions_no_update",
    "fraud_rule_versions_no_delete",
    "fraud_decisions_no_update",
    "fraud_decisions_no_delete",
    "fraud_cases_decided_once",
    "fraud_delays_released_once",
    "delivery_tries_no_update",
    "deliveries_sent_once",
];
/// Names of the triggers that there are. PostgreSQL: from `pg_trigger`.
pub const GUARDS: Statement =
    Statement::new("guards", "select name from sqlite_master where type = 'trigger' order by name");
