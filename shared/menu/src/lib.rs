//! Menus: what an outlet sells at which price, what the brand sells, and which of a chain's products is which of the
//! brand's.
