//! Answers without a fault, streaming and not.

use roundtable_emulator::Behaviour;
use serde_json::{Value, json};

use crate::client::{Question, WIRES, Wire, start, start_with};

fn reply() -> Behaviour {
    Behaviour::Reply { text: "Grüße, dear world.".into(), reasoning: Some("First, think.".into()) }
}

#[tokio::test]
async fn every_wire_streams_the_text_and_its_terminal() {
    let emulator = start_with(reply()).await;
    for wire in WIRES {
        let stream = wire.ask(&emulator, &Question::default()).await;
        assert_eq!(wire.text_of(&stream), "Grüße, dear world.", "{wire:?}");
        assert!(wire.complete(&stream), "{wire:?} has no terminal: {stream}");
    }
    assert_eq!(emulator.open_streams(), 0, "read to the end, a stream is closed");
}
