//! iikoCloud's wire formats: requests made, answers read. Nothing here is sent and nothing is stored.
