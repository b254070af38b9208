//! Every endpoint, in the order of the API description.

mod books;
mod card;
mod chains;
mod crew;
mod feedback;
mod fraud;
mod goals;
mod guest;
mod menu;
mod messages;
mod office;
mod orders;
mod promotions;
mod quote;
mod segments;
mod telegram;
mod tickets;
mod tiers;
mod till;

use crate::operation::Operation;

/// The single list of endpoints: tills, guests, back office.
pub fn all() -> impl Iterator<Item = &'static Operation> {
    till::OPERATIONS
        .iter()
        .chain(guest::OPERATIONS)
        .chain(card::OPERATIONS)
        .chain(office::OPERATIONS)
        .chain(promotions::OPERATIONS)
        .chain(segments::OPERATIONS)
        .chain(quote::OPERATIONS)
        .chain(orders::OPERATIONS)
        .chain(menu::OPERATIONS)
        .chain(chains::OPERATIONS)
        .chain(tiers::OPERATIONS)
        .chain(feedback::OPERATIONS)
        .chain(tickets::OPERATIONS)
        .chain(crew::OPERATIONS)
        .chain(goals::OPERATIONS)
        .chain(fraud::OPERATIONS)
        .chain(messages::OPERATIONS)
        .chain(telegram::OPERATIONS)
        .chain(books::OPERATIONS)
}
