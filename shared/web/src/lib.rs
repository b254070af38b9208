//! One HTTP call, host-neutral: parsing, authentication, idempotency, replies
