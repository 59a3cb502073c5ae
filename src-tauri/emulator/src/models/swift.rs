//! Quick and plain.

use crate::ask::Ask;
use crate::dice::Dice;

pub(super) fn answer(ask: &Ask, dice: &mut Dice) -> String {
    let opening = dice.pick(&["In short:", "The short version:"]);
    format!("{opening} you asked “{}”. This is a simulated answer from a demo model.", ask.prompt())
}
