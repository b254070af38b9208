//! Payments: one port, and the wire formats of the acquirers behind it.
