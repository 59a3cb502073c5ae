//! What conversations and folders have cost, as it is kept beside them: always what their entries come to.

use std::collections::BTreeMap;

use proptest::prelude::*;
use roundtable_domain::{AttemptId, ConversationId, Cost, LedgerEntryId, PicoUsd, Provenance, UnixMs};
use roundtable_store::{EntryKind, LedgerEntry, LedgerFilter, Source, SpendTotals, Store};

use crate::support::{Begun, Room, begin, conversation, cost, entry, id};

const FOLDERS: [Option<&str>; 3] = [None, Some("Boats"), Some("家里")];

/// What happens to the books and to the conversations they are of.
#[derive(Clone, Debug)]
enum Step {
    Book(Booking),
    File { conversation: usize, folder: usize },
    Archive { conversation: usize, away: bool },
    Delete { conversation: usize },
}

/// An entry of every kind that is counted differently.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each mark is drawn by itself")]
struct Booking {
    conversation: usize,
    pico: Option<i64>,
    estimated: bool,
    at_least: bool,
    simulated: bool,
    correction: bool,
    batch: bool,
}

fn booking() -> impl Strategy<Value = Booking> {
    let pico = proptest::option::weighted(0.8, -40_i64..1_000_000_000_000);
    let marks = proptest::array::uniform5(proptest::bool::weighted(0.2));
    (0..4_usize, pico, marks).prop_map(|(conversation, pico, marks)| {
        let [estimated, at_least, simulated, correction, batch] = marks;
        Booking { conversation, pico, estimated, at_least, simulated, correction, batch }
    })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => booking().prop_map(Step::Book),
        2 => (0..4_usize, 0..3_usize).prop_map(|(conversation, folder)| Step::File { conversation, folder }),
        1 => (0..4_usize, any::<bool>()).prop_map(|(conversation, away)| Step::Archive { conversation, away }),
        1 => (0..4_usize).prop_map(|conversation| Step::Delete { conversation }),
    ];
    proptest::collection::vec(step, 1..60)
}

impl Booking {
    fn entry(&self, begun: &Begun) -> LedgerEntry {
        let provenance = if self.estimated { Provenance::Estimated } else { Provenance::Computed };
        let booked = match self.pico {
            Some(pico) => cost(pico),
            None => Cost { usd: None, usd_exact: None, ..cost(0) },
        };
        LedgerEntry {
            id: id(LedgerEntryId::from_uuid),
            attempt_id: id(AttemptId::from_uuid),
            kind: if self.correction { EntryKind::Adjustment } else { EntryKind::Call },
            source: if self.batch { Source::Batch } else { Source::Chat },
            simulated: self.simulated,
            ..entry(begun, Cost { at_least: self.at_least, provenance: Some(provenance), ..booked })
        }
    }
}

/// The sum of the entries of a conversation, read one by one.
async fn counted(store: &Store, id: ConversationId) -> SpendTotals {
    store.ledger().totals(&LedgerFilter { conversation: Some(id), ..LedgerFilter::default() }).await.unwrap()
}

fn add(sum: &mut SpendTotals, more: SpendTotals) {
    let both = |a: PicoUsd, b: PicoUsd| PicoUsd::from_pico(a.as_pico() + b.as_pico());
    *sum = SpendTotals {
        real: both(sum.real, more.real),
        simulated: both(sum.simulated, more.simulated),
        calls: sum.calls + more.calls,
        simulated_calls: sum.simulated_calls + more.simulated_calls,
        unpriced_calls: sum.unpriced_calls + more.unpriced_calls,
        estimated: sum.estimated || more.estimated,
        at_least: sum.at_least || more.at_least,
    };
}

/// What is kept of conversations and folders, held against their entries.
async fn check(store: &Store) {
    let has_entries = |id| async move {
        let of = LedgerFilter { conversation: Some(id), ..LedgerFilter::default() };
        !store.ledger().entries(&of, 1).await.unwrap().is_empty()
    };
    let mut folders: BTreeMap<String, SpendTotals> = BTreeMap::new();
    for listed in store.conversations().list(None, 99).await.unwrap() {
        let id = listed.conversation.id;
        let expected = counted(store, id).await;
        assert_eq!(listed.spend, expected, "in the list");
        assert_eq!(store.conversations().listing(id).await.unwrap().spend, expected, "alone");
        if let Some(folder) = listed.conversation.folder
            && has_entries(id).await
        {
            add(folders.entry(folder).or_default(), expected);
        }
    }
    let kept: BTreeMap<_, _> = store.conversations().folder_totals().await.unwrap().into_iter().collect();
    assert_eq!(kept, folders);
}

/// Walks over books with estimates, calls without a price, corrections, invented money, and conversations that are filed, put away and
/// deleted; late entries of deleted ones too.
async fn walk(steps: Vec<Step>) {
    let room = Room::new().await;
    let store = &room.store;
    let mut all = Vec::new();
    for _ in 0..4 {
        let (conversation, lanes) = conversation(store, &["demo/swift"], 1).await;
        all.push(begin(store, conversation, &lanes, "hi", 10).await.remove(0));
    }
    let mut gone = [false; 4];
    for step in steps {
        let conversations = store.conversations();
        match step {
            Step::Book(booking) => {
                let entry = booking.entry(&all[booking.conversation]);
                assert!(store.ledger().book(&entry).await.unwrap());
                assert!(!store.ledger().book(&entry).await.unwrap(), "the second time counts for nothing");
            }
            Step::File { conversation, folder } if !gone[conversation] => {
                conversations.set_folder(all[conversation].conversation, FOLDERS[folder]).await.unwrap();
            }
            Step::Archive { conversation, away } if !gone[conversation] => {
                conversations
                    .archive(all[conversation].conversation, away.then_some(UnixMs(5)))
                    .await
                    .unwrap();
            }
            Step::Delete { conversation } if !gone[conversation] => {
                gone[conversation] = true;
                conversations.delete(all[conversation].conversation).await.unwrap();
            }
            Step::File { .. } | Step::Archive { .. } | Step::Delete { .. } => {}
        }
    }
    check(store).await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn what_is_kept_of_conversations_and_folders_is_the_sum_of_their_entries(steps in steps()) {
        tokio::runtime::Runtime::new().unwrap().block_on(walk(steps));
    }
}
