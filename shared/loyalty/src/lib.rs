//! Programme rules: what a receipt earns, what may be spent, what a return undoes
