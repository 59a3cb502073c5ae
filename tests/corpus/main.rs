//! Every recorded exchange of the corpus through the client of its wire.
//!
//! Protects what the whole product stands on: that a provider's real reply is understood completely, however the
//! network cuts it. The corpus is not part of the repository: `ROUNDTABLE_CORPUS` names its folder, by default
//! `../shared/corpus` beside the checkout; without it the tests say so and pass.

#[cfg(test)]
mod compare;
#[cfg(test)]
mod exchange;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod requests;

#[cfg(test)]
mod tests {
    use roundtable_domain::WireApi;
    use roundtable_providers::{Wire, wire_for};

    use crate::exchange::Exchange;
    use crate::requests::Outcome;
    use crate::{compare, exchange, replay, requests};

    const WIRES: [WireApi; 5] = [
        WireApi::AnthropicMessages,
        WireApi::Gemini,
        WireApi::Ollama,
        WireApi::OpenaiChat,
        WireApi::OpenaiResponses,
    ];

    /// Exchanges that do not pass yet, each with its reason. Kept short: an entry that passes fails the test.
    const NOT_YET: &[(&str, &str)] = &[];

    #[test]
    fn anthropic_messages() {
        check(WireApi::AnthropicMessages);
    }

    #[test]
    fn gemini() {
        check(WireApi::Gemini);
    }

    #[test]
    fn ollama() {
        check(WireApi::Ollama);
    }

    #[test]
    fn openai_chat() {
        check(WireApi::OpenaiChat);
    }

    #[test]
    fn openai_responses() {
        check(WireApi::OpenaiResponses);
    }

    /// Reads every recorded request, writes it anew, and prints how many mean the same.
    #[test]
    fn recorded_requests_mean_the_same_when_written_anew() {
        let Some(folder) = exchange::folder() else {
            println!("corpus: not found, skipped (set ROUNDTABLE_CORPUS to its folder)");
            return;
        };
        let mut differ = Vec::new();
        for api in WIRES {
            let wire = wire_for(api).unwrap();
            let (mut same, mut elsewhere) = (0, 0);
            for exchange in exchange::load(&folder, api) {
                match requests::replay(wire, &exchange) {
                    Outcome::Same => same += 1,
                    Outcome::Nothing => {}
                    Outcome::Untold(reason) => {
                        elsewhere += 1;
                        println!("corpus: {}: not ours to write: {reason}", exchange.id);
                    }
                    Outcome::Differs(how) => differ.push(format!("{}: {how}", exchange.id)),
                }
            }
            println!("corpus: {}: {same} requests mean the same, {elsewhere} cannot", api.as_str());
            assert!(same > elsewhere, "most recorded requests are conversations");
        }
        assert!(differ.is_empty(), "{} differ:\n{}", differ.len(), differ.join("\n"));
    }

    /// Runs all exchanges of a wire, prints how many pass, and names the others with the fields that differ.
    fn check(api: WireApi) {
        let Some(folder) = exchange::folder() else {
            println!("corpus: not found, skipped (set ROUNDTABLE_CORPUS to its folder)");
            return;
        };
        let exchanges = exchange::load(&folder, api);
        let Some(wire) = wire_for(api) else {
            println!("corpus: {}: {} exchanges, wire not yet spoken", api.as_str(), exchanges.len());
            return;
        };
        let mut unexpected = Vec::new();
        let mut passed = 0;
        for exchange in &exchanges {
            let differences = differences(wire, exchange);
            let excuse = NOT_YET.iter().find(|(id, _)| *id == exchange.id);
            match (differences.is_empty(), excuse) {
                (true, None) => passed += 1,
                (true, Some(_)) => {
                    unexpected.push(format!("{} passes now: take it off the list", exchange.id));
                }
                (false, Some((id, reason))) => println!("corpus: {id}: not yet: {reason}"),
                (false, None) => {
                    unexpected.push(format!("{}\n    {}", exchange.id, differences.join("\n    ")));
                }
            }
        }
        println!("corpus: {}: {passed} of {} pass", api.as_str(), exchanges.len());
        assert!(!exchanges.is_empty(), "the corpus holds exchanges of every wire we speak");
        assert!(unexpected.is_empty(), "{} differ:\n{}", unexpected.len(), unexpected.join("\n"));
    }

    fn differences(wire: &dyn Wire, exchange: &Exchange) -> Vec<String> {
        if !(200..300).contains(&exchange.status) {
            let error = wire.error(
                &exchange.provider,
                exchange.status,
                &exchange.headers(),
                exchange.body.as_bytes(),
            );
            return compare::error(exchange, &error).0;
        }
        let (answer, split_differences) = replay::replay(wire, exchange);
        let mut differences = compare::answer(exchange, &answer).0;
        differences.extend(split_differences.into_iter().take(3));
        differences
    }
}
