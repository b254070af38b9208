//! Phones, cards, codes, secrets: how a guest is known and protected
