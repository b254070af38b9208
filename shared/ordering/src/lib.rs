//! An order's way from a quote to the till and back: states, what moves them, and what undoes them.
