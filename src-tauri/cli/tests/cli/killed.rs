//! A process that is killed in a chain of fallbacks: the next command finds books that add up. Every point of such a chain is
//! tried in `tests/engine/killed.rs`; here it is the program itself.

use std::io::{BufRead, BufReader};

use roundtable_emulator::Behaviour;

use crate::support::{Cli, KEY, Server};

const CHAIN: &str = "echelon1:
  models: [openai/alpha]
  max_retries: 1
echelon2:
  models: [anthropic/beta]
echelon3:
  models: [ollama/gamma]
fallback_config:
  strategy: echelon_down
  max_attempts: 6
";

#[test]
fn a_killed_chain_is_booked_once_by_the_next_command() {
    let server = Server::start();
    let base = server.emulator.base_url();
    let cli = Cli::new()
        .with("OPENAI_API_KEY", KEY)
        .with("OPENAI_BASE_URL", &format!("{base}/v1"))
        .with("ANTHROPIC_API_KEY", KEY)
        .with("ANTHROPIC_BASE_URL", &base)
        .with("OLLAMA_HOST", &base);
    let groups = cli.folder.path().join("config/groups");
    std::fs::create_dir_all(&groups).unwrap();
    std::fs::write(groups.join("chain.yaml"), CHAIN).unwrap();
    for target in ["openai/alpha", "anthropic/beta", "ollama/gamma"] {
        let set = cli.run(&["models", "price", "set", target, "--input", "3", "--output", "15"]);
        assert_eq!(set.code, Some(0), "{}", set.err);
    }
    server.emulator.script("alpha", vec![Behaviour::Status500, Behaviour::Status500]);
    server.emulator.script("beta", vec![Behaviour::QuotaAfterRole]);
    server.emulator.script("gamma", vec![Behaviour::SlowTokens { ms_per_token: 25 }]);

    let mut child = cli.start(&["ask", "--json", "--to", "chain", "Why is the sky blue?"]);
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let begun = lines.map_while(Result::ok).any(|line| line.contains("\"type\":\"text\""));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(begun, "the third of the chain never began to answer");

    let books = || cli.run(&["ledger", "--json"]).of_type("entry");
    let found = books();
    let told: Vec<_> = found.iter().map(|entry| [&entry["provider"], &entry["provenance"]]).collect();
    assert_eq!(told, [["ollama", "estimated"], ["anthropic", "estimated"]], "{found:?}");
    assert_eq!(books(), found, "and nothing is booked again");
    let asked = server.emulator.requests();
    let asked = asked.iter().filter(|request| request.method == "POST" && request.path != "/api/show");
    assert_eq!(asked.count(), 4, "nobody was asked twice for what had been answered");
}
