use super::*;

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn usd(text: &str) -> PicoUsd {
    text.parse().unwrap()
}

#[test]
fn openais_cost_file_is_read_to_the_last_digit() {
    let invoice = read_invoice(
        "\u{feff}start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,quantity,quantity_unit,line_item\n\
         1790467200,1790553600,2026-09-27T00:00:00+00:00,2026-09-28T00:00:00+00:00,,,,,\n\
         1790553600,1790640000,2026-09-28T00:00:00,2026-09-29T00:00:00,0.003835980000000000000000000000,usd,1,tokens,\"gpt-4o-2024-08-06, input\"\n\
         1790553600,1790640000,2026-09-28T00:00:00,2026-09-29T00:00:00,1E-7,usd,1,tokens,\"gpt-4o-2024-08-06, output\"\n",
    )
    .unwrap();
    assert_eq!((invoice.issuer, invoice.lines.len()), (Issuer::Openai, 2));
    assert_eq!(
        (invoice.first_day, invoice.last_day),
        (date("2026-09-27"), date("2026-09-28")),
        "a day of nothing"
    );
    assert_eq!(invoice.lines[0].day, date("2026-09-28"));
    assert_eq!(invoice.lines[0].model.as_deref(), Some("gpt-4o-2024-08-06"));
    assert_eq!(invoice.lines[0].usd, Some(usd("0.00383598")));
    assert_eq!(invoice.lines[1].usd, Some(usd("0.0000001")));
}

#[test]
fn openais_api_pages_and_usage_are_read() {
    let costs = r#"[{"object":"page","data":[{"object":"bucket","start_time":1730419200,"end_time":1730505600,"results":[
        {"object":"organization.costs.result","amount":{"value":0.06,"currency":"usd"},"line_item":null,"project_id":null}]}]},
        {"object":"page","data":[{"object":"bucket","start_time":1730505600,"end_time":1730592000,"results":[]}]}]"#;
    let invoice = read_invoice(costs).unwrap();
    assert_eq!(invoice.lines[0].day, date("2024-11-01"));
    assert_eq!((invoice.lines[0].usd, invoice.lines[0].model.clone()), (Some(usd("0.06")), None));
    assert_eq!(
        (invoice.last_day, invoice.has_more),
        (date("2024-11-02"), false),
        "the empty page says: nothing"
    );
    let usage = r#"{"data":[{"object":"bucket","start_time":1730419200,"end_time":1730505600,"results":[
        {"object":"organization.usage.completions.result","input_tokens":1000.0,"output_tokens":500,"input_cached_tokens":800,
         "num_model_requests":5,"model":"gpt-4o-mini-2024-07-18"}]}]}"#;
    let line = &read_invoice(usage).unwrap().lines[0];
    assert_eq!(
        (line.requests, line.input_tokens, line.output_tokens, line.usd),
        (Some(5), Some(1000), Some(500), None)
    );
}

#[test]
fn anthropics_file_has_dollars_and_its_api_has_cents() {
    let file = "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,cost_type\n\
                2026-08-04,Claude Haiku 4.5,Default,demo,message,≤ 200k,input_no_cache,0.05,0.05,token\n";
    assert_eq!(read_invoice(file).unwrap().lines[0].usd, Some(usd("0.05")));
    let api = r#"{"data":[{"starting_at":"2026-08-04T00:00:00Z","ending_at":"2026-08-05T00:00:00Z","results":[
        {"currency":"USD","amount":"123.45","model":"claude-haiku-4-5","token_type":"output_tokens"}]}],"has_more":false}"#;
    let line = &read_invoice(api).unwrap().lines[0];
    assert_eq!((line.usd, line.day), (Some(usd("1.2345")), date("2026-08-04")));
    let usage = "usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,\
                 usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens\n\
                 2026-03-22,claude-sonnet-4-20250514,k,Default,standard,≤ 200k,100,20,3,4000,50\n";
    let line = &read_invoice(usage).unwrap().lines[0];
    assert_eq!((line.input_tokens, line.output_tokens, line.usd), (Some(4123), Some(50), None));
}

#[test]
fn openrouters_requests_and_days_are_read() {
    let file = "generation_id,created_at,cost_total,cost_web_search,tokens_prompt,tokens_completion,model_permaslug,provider_name\n\
                gen-1,2026-03-01 23:59:59.123,0.00012345,0,12,34,openai/gpt-4.1-2025-04-14,OpenAI\n\
                gen-2,2026-03-02T00:00:01Z,,0,,,openai/gpt-4.1-2025-04-14,OpenAI\n";
    let invoice = read_invoice(file).unwrap();
    assert_eq!((invoice.lines.len(), invoice.last_day), (1, date("2026-03-02")));
    assert_eq!((invoice.lines[0].day, invoice.lines[0].usd), (date("2026-03-01"), Some(usd("0.00012345"))));
    let api = r#"{"data":[{"date":"2026-01-16 00:00:00","model":"openai/gpt-4.1","model_permaslug":"openai/gpt-4.1-2025-04-14",
        "usage":0.015,"byok_usage_inference":0.012,"requests":5,"prompt_tokens":50,"completion_tokens":125,"reasoning_tokens":25}]}"#;
    let line = &read_invoice(api).unwrap().lines[0];
    assert_eq!((line.day, line.usd, line.requests), (date("2026-01-16"), Some(usd("0.027")), Some(5)));
    let table = "date,model,model_permaslug,endpoint_id,provider_name,usage,byok_usage_inference,requests,prompt_tokens,\
                 completion_tokens,reasoning_tokens\n\
                 2026-01-16,openai/gpt-4.1,openai/gpt-4.1-2025-04-14,e,OpenAI,0.01500000,0.01200000,5,50,125,25\n";
    let same = &read_invoice(table).unwrap().lines[0];
    assert_eq!(
        (same, &same.model),
        (line, &Some("openai/gpt-4.1-2025-04-14".to_owned())),
        "the same as a table"
    );
}

/// A call with a key of one's own behind the gateway: the books hold its fee and what the other provider takes.
#[test]
fn what_is_paid_elsewhere_with_ones_own_key_is_not_taken_from_the_books() {
    let books = BookedLine { requests: 1, ..booked("2026-01-16", "gpt-4.1", "0.027", (50, 125)) };
    let stands = |text: &str| {
        let one = compare_invoice(&read_invoice(text).unwrap(), std::slice::from_ref(&books)).remove(0);
        (one.agreement, one.difference, one.sure)
    };
    let api = |usage: &str, own_key: &str| {
        format!(
            r#"{{"data":[{{"date":"2026-01-16","model_permaslug":"openai/gpt-4.1","usage":{usage},"requests":1,
            "prompt_tokens":50,"completion_tokens":125{own_key}}}]}}"#
        )
    };
    let own_key = |usd: &str| format!(r#","byok_usage_inference":{usd}"#);
    let differs = |usd_less: &str, sure| (Agreement::PriceDiffers, Some(usd(usd_less)), sure);
    assert_eq!(stands(&api("0.015", &own_key("0.012"))), (Agreement::Agrees, Some(usd("0")), false));
    assert_eq!(stands(&api("0.015", &own_key("0.010"))), differs("-0.002", false), "an estimate of theirs");
    assert_eq!(
        stands(&api("0.015", &own_key("null"))),
        differs("-0.012", false),
        "nobody says how much that was"
    );
    assert_eq!(stands(&api("0.015", "")), differs("-0.012", false));
    assert_eq!(stands(&api("0.015", &own_key("0"))), differs("-0.012", true), "there was none");
    let file = |own_key: &str| {
        format!(
            "generation_id,created_at,cost_total,byok_usage_inference,tokens_prompt,tokens_completion,model_permaslug\n\
             gen-1,2026-01-16 10:00:00.123,0.01500000,{own_key},50,125,openai/gpt-4.1-2025-04-14\n"
        )
    };
    assert_eq!(stands(&file("0.012")), (Agreement::Agrees, Some(usd("0")), false));
    assert_eq!(stands(&file("")), differs("-0.012", false));
    assert_eq!(stands(&file("0")), differs("-0.012", true));
    let without = "generation_id,created_at,cost_total,tokens_prompt,tokens_completion,model_permaslug\n\
                   gen-1,2026-01-16 10:00:00.123,0.015,50,125,openai/gpt-4.1-2025-04-14\n";
    assert_eq!(stands(without), differs("-0.012", false), "older exports have no such column");
}

#[test]
fn what_is_rough_corrects_no_estimate_of_ours_unasked() {
    let book = BookedLine { estimated: true, ..booked(DAY, MODEL, "0.4", (10, 1)) };
    let line = |rough| InvoiceLine { rough, ..invoiced(DAY, MODEL, Some("5"), Some((10, 1))) };
    assert_eq!(stands(line(false), book.clone()), (Agreement::BooksEstimated, true));
    assert_eq!(stands(line(true), book), (Agreement::BooksEstimated, false));
}

#[test]
fn a_day_without_hyphens_is_no_moment_of_1970() {
    let day_of = |text: &str| {
        let file = format!("usage_date_utc,model,cost_usd\n{text},x,1\n");
        read_invoice(&file).map(|invoice| invoice.first_day)
    };
    for text in ["20260804", "2026-08-04", "2026-08-04T23:59:59Z", "1785887999"] {
        assert_eq!(day_of(text), Ok(date("2026-08-04")), "{text}");
    }
    assert!(day_of("20260230").is_err(), "there is no such day");
}

#[test]
fn what_cannot_be_read_says_where_and_takes_nothing_over() {
    for (text, says) in [
        ("", "no usage or cost export"),
        ("date,amount\n2026-01-01,3\n", "date,amount"),
        ("{\"data\":[{\"x\":1}]}", "no usage or cost export"),
        ("{\"data\":", "not JSON"),
        ("start_time,amount_value,amount_currency\n1790553600,3.5,eur\n", "row 2: the amounts are in eur"),
        ("start_time,amount_value\n1790553600,1.5\n1790553600,abc\n", "row 3: amount_value is \"abc\""),
        ("start_time,amount_value\nsoon,1.5\n", "row 2: start_time is \"soon\""),
        ("usage_date_utc,model,cost_usd\n2026-02-30,x,1\n", "row 2: usage_date_utc"),
        ("start_time,amount_value\n1790553600,\n", "no line"),
    ] {
        let error = read_invoice(text).unwrap_err().to_string();
        assert!(error.contains(says), "{text:?}: {error}");
    }
}

#[test]
fn a_page_that_others_follow_says_so_and_covers_the_days_of_its_buckets() {
    let page = |more: bool| {
        format!(
            r#"{{"data":[{{"starting_at":"2026-08-04T00:00:00Z","ending_at":"2026-08-05T00:00:00Z","results":[
            {{"currency":"USD","amount":"1.5","model":null}}]}},
            {{"starting_at":"2026-08-05T00:00:00Z","ending_at":"2026-08-06T00:00:00Z","results":[]}}],"has_more":{more}}}"#
        )
    };
    let one = read_invoice(&page(true)).unwrap();
    assert!(one.has_more);
    assert_eq!((one.first_day, one.last_day), (date("2026-08-04"), date("2026-08-05")));
    let both = format!("[{},{}]", page(true), page(false));
    assert!(!read_invoice(&both).unwrap().has_more, "the last page is here");
}

#[test]
fn the_line_with_the_most_digits_says_how_a_file_is_rounded() {
    let rounding = |amounts: [&str; 2]| {
        let [one, other] = amounts;
        let file = format!("usage_date_utc,model,cost_usd\n2026-08-04,x,{one}\n2026-08-05,x,{other}\n,,\n");
        read_invoice(&file).unwrap().lines.iter().map(|line| line.rounding).collect::<Vec<_>>()
    };
    assert_eq!(rounding(["0.5", "0.25"]), [usd("0.005"), usd("0.005")]);
    assert_eq!(rounding(["0.5", "0.25001234"]), [usd("0.000000005"), usd("0.000000005")]);
}

fn booked(day: &str, model: &str, cost: &str, tokens: (u64, u64)) -> BookedLine {
    BookedLine {
        day: date(day),
        model: model.to_owned(),
        requested: model.to_owned(),
        usd: usd(cost),
        requests: 1,
        input_tokens: tokens.0,
        output_tokens: tokens.1,
        ..BookedLine::default()
    }
}

/// A line rounded to a tenth of a cent.
fn invoiced(day: &str, model: &str, cost: Option<&str>, tokens: Option<(u64, u64)>) -> InvoiceLine {
    InvoiceLine {
        day: date(day),
        model: Some(model.to_owned()).filter(|model| !model.is_empty()),
        usd: cost.map(usd),
        rounding: usd("0.0005"),
        rough: false,
        requests: None,
        input_tokens: tokens.map(|tokens| tokens.0),
        output_tokens: tokens.map(|tokens| tokens.1),
    }
}

fn of(issuer: Issuer, lines: Vec<InvoiceLine>) -> Invoice {
    let readings = lines.into_iter().map(|line| Reading::of_day(line.day, Some(line))).collect();
    Invoice::of(issuer, readings, false).unwrap()
}

fn compared(lines: Vec<InvoiceLine>, books: &[BookedLine]) -> Vec<Difference> {
    compare_invoice(&of(Issuer::Openai, lines), books)
}

fn agreements(lines: Vec<InvoiceLine>, books: &[BookedLine]) -> Vec<Agreement> {
    compared(lines, books).iter().map(|one| one.agreement).collect()
}

/// How one line stands to one line of the books, and whether that is sure.
fn stands(line: InvoiceLine, book: BookedLine) -> (Agreement, bool) {
    let one = compared(vec![line], &[book]).remove(0);
    (one.agreement, one.sure)
}

const DAY: &str = "2026-05-01";
const MODEL: &str = "gpt-4o";

#[test]
fn lines_of_a_day_and_model_are_summed_before_they_are_compared() {
    let lines = vec![
        invoiced(DAY, "gpt-4o-2024-08-06", Some("0.25"), None),
        invoiced(DAY, "gpt-4o-2024-08-06", Some("0.75"), None),
    ];
    let books = [
        booked(DAY, "gpt-4o", "0.4", (10, 1)),
        BookedLine { requested: "gpt-4o".to_owned(), ..booked(DAY, "gpt-4o-2024-08-06", "0.5", (10, 1)) },
        booked("2026-04-30", "gpt-4o", "9", (10, 1)),
    ];
    let differences = compared(lines, &books);
    assert_eq!(differences.len(), 1, "the day before is not on the invoice");
    assert_eq!((differences[0].difference, differences[0].rounding), (Some(usd("0.1")), usd("0.001")));
    let books = differences[0].booked.as_ref().unwrap();
    assert_eq!(books.usd, usd("0.9"));
    assert_eq!(
        (books.model.as_str(), books.requested.as_str()),
        ("gpt-4o-2024-08-06", "gpt-4o"),
        "the dearest names it"
    );
    assert_eq!(differences[0].agreement, Agreement::AmountDiffers);
}

#[test]
fn each_way_to_differ_has_its_name() {
    let book = booked(DAY, MODEL, "1", (10, 1));
    let way = |line, book| stands(line, book).0;
    assert_eq!(way(invoiced(DAY, MODEL, Some("1.0004"), None), book.clone()), Agreement::Agrees);
    assert_eq!(way(invoiced(DAY, MODEL, Some("1.0006"), None), book.clone()), Agreement::AmountDiffers);
    assert_eq!(way(invoiced(DAY, MODEL, None, Some((10, 1))), book.clone()), Agreement::TokensAgree);
    assert_eq!(way(invoiced(DAY, MODEL, Some("2"), Some((10, 1))), book.clone()), Agreement::PriceDiffers);
    assert_eq!(way(invoiced(DAY, MODEL, Some("2"), Some((20, 1))), book.clone()), Agreement::UsageDiffers);
    assert_eq!(way(invoiced(DAY, MODEL, Some("2"), None), book.clone()), Agreement::AmountDiffers);
    let twice = |cost| InvoiceLine { requests: Some(2), ..invoiced(DAY, MODEL, cost, Some((10, 1))) };
    assert_eq!(way(twice(None), book.clone()), Agreement::UsageDiffers, "another number of calls");
    assert_eq!(way(twice(Some("2")), book.clone()), Agreement::UsageDiffers);
    let estimated = BookedLine { estimated: true, ..book };
    assert_eq!(way(invoiced(DAY, MODEL, Some("2"), None), estimated), Agreement::BooksEstimated);
    assert_eq!(
        agreements(vec![invoiced(DAY, MODEL, Some("2"), None)], &[booked(DAY, "o3", "1", (1, 1))]),
        [Agreement::OnlyInvoiced, Agreement::OnlyBooked]
    );
}

/// What is sure is booked by one press, and closes budgets.
#[test]
fn estimates_are_corrected_unasked_only_where_the_calls_are_known_to_be_the_same() {
    let book = BookedLine { estimated: true, ..booked(DAY, MODEL, "0.4", (10, 1)) };
    let line = |tokens, requests| InvoiceLine { requests, ..invoiced(DAY, MODEL, Some("500"), tokens) };
    let estimated = |sure| (Agreement::BooksEstimated, sure);
    assert_eq!(
        stands(line(None, None), book.clone()),
        estimated(false),
        "another program asks with this account too"
    );
    assert_eq!(stands(line(Some((90, 9)), None), book.clone()), estimated(false));
    assert_eq!(stands(line(Some((10, 1)), None), book.clone()), estimated(true));
    assert_eq!(
        stands(line(Some((90, 9)), Some(1)), book.clone()),
        estimated(true),
        "its tokens were estimated"
    );
    assert_eq!(stands(line(None, Some(2)), book.clone()), (Agreement::UsageDiffers, false));
    let unpriced = BookedLine { unpriced: 1, estimated: false, ..book };
    assert_eq!(stands(line(None, None), unpriced.clone()), estimated(false));
    assert_eq!(stands(line(None, Some(1)), unpriced), estimated(true));
}

#[test]
fn tokens_that_are_counted_otherwise_say_nothing_unless_they_are_the_same() {
    let way = |tokens, requests| {
        let line = InvoiceLine { requests: Some(requests), ..invoiced(DAY, MODEL, Some("2"), Some(tokens)) };
        compare_invoice(&of(Issuer::Openrouter, vec![line]), &[booked(DAY, MODEL, "1", (10, 1))])[0].agreement
    };
    assert_eq!(way((9, 1), 1), Agreement::AmountDiffers);
    assert_eq!(way((10, 1), 1), Agreement::PriceDiffers);
    assert_eq!(way((9, 1), 2), Agreement::UsageDiffers);
}

#[test]
fn what_came_to_nothing_is_not_missing_on_the_invoice() {
    let lines = || vec![invoiced(DAY, "gpt-4o", Some("1"), None)];
    let others = |change: &dyn Fn(&mut BookedLine)| {
        let mut other = booked(DAY, "o3", "0", (10, 1));
        change(&mut other);
        agreements(lines(), &[booked(DAY, "gpt-4o", "1", (1, 1)), other])[1]
    };
    assert_eq!(others(&|_| ()), Agreement::Agrees, "taken back by a correction, or free");
    assert_eq!(others(&|line| line.unpriced = 1), Agreement::OnlyBooked, "nobody knows what it cost");
    assert_eq!(others(&|line| line.usd = usd("0.3")), Agreement::OnlyBooked);
}

#[test]
fn an_invoice_of_usage_says_nothing_about_money() {
    let lines = vec![invoiced(DAY, "gpt-4o", None, Some((10, 1)))];
    let rows = compared(lines, &[booked(DAY, "gpt-4o", "1", (10, 1)), booked(DAY, "o3", "2", (7, 7))]);
    let differences: Vec<_> = rows.iter().map(|row| (row.agreement, row.difference)).collect();
    assert_eq!(differences, [(Agreement::TokensAgree, None), (Agreement::OnlyBooked, None)]);
}

#[test]
fn an_invoice_without_models_is_compared_day_by_day() {
    let lines = vec![invoiced(DAY, "", Some("1.25"), None), invoiced(DAY, "", Some("0.75"), None)];
    let books = [booked(DAY, "gpt-4o", "1.5", (10, 1)), booked(DAY, "o3", "0.5", (1, 1))];
    let rows = compared(lines.clone(), &books);
    let [row] = rows.as_slice() else { panic!("one row a day: {rows:?}") };
    assert_eq!((row.agreement, row.whole_day, row.model.as_deref()), (Agreement::Agrees, true, None));
    assert_eq!(row.booked.as_ref().map(|line| line.requests), Some(2));
    // A charge without a model beside others that have one is a fee.
    let mut mixed = lines;
    mixed.push(invoiced("2026-05-02", "o3", Some("1"), None));
    assert_eq!(
        agreements(mixed, &books),
        [Agreement::OnlyInvoiced, Agreement::OnlyBooked, Agreement::OnlyBooked, Agreement::OnlyInvoiced]
    );
}

#[test]
fn cents_that_were_rounded_line_by_line_agree_and_exact_amounts_do_not() {
    let file = |amounts: &[&str]| {
        let rows: Vec<_> = amounts.iter().map(|usd| format!("2026-05-01,Claude Haiku 4.5,{usd}\n")).collect();
        read_invoice(&format!("usage_date_utc,model,cost_usd\n{}", rows.concat())).unwrap()
    };
    let way = |invoice: &Invoice, cost| {
        compare_invoice(invoice, &[booked(DAY, "claude-haiku-4-5", cost, (1, 1))])[0].agreement
    };
    let cents = file(&["0.05", "0.01", "0.12", "0.00"]);
    assert_eq!(way(&cents, "0.1987"), Agreement::Agrees, "four lines may be two cents off");
    assert_eq!(way(&cents, "0.2051"), Agreement::AmountDiffers);
    let exact = r#"{"data":[{"date":"2026-05-01","model_permaslug":"x/claude-haiku-4-5","usage":0.0007,"requests":1}]}"#;
    assert_eq!(way(&read_invoice(exact).unwrap(), "0.0003"), Agreement::AmountDiffers);
}

#[test]
fn what_slips_over_midnight_is_not_a_difference_of_money() {
    let lines =
        vec![invoiced(DAY, "gpt-4o", Some("1"), None), invoiced("2026-05-02", "gpt-4o", Some("3"), None)];
    let books = [booked(DAY, "gpt-4o", "1.5", (1, 1)), booked("2026-05-02", "gpt-4o", "2.5", (1, 1))];
    assert_eq!(agreements(lines, &books), [Agreement::NextDay, Agreement::NextDay]);
    // Three in a row: the first two make up for each other, the third stands alone.
    let lines = ["1", "3", "2"].iter().zip([DAY, "2026-05-02", "2026-05-03"]);
    let lines = lines.map(|(cost, day)| invoiced(day, "gpt-4o", Some(cost), None)).collect();
    let books = [
        booked(DAY, "gpt-4o", "1.5", (1, 1)),
        booked("2026-05-02", "gpt-4o", "2.5", (1, 1)),
        booked("2026-05-03", "gpt-4o", "2.5", (1, 1)),
    ];
    assert_eq!(agreements(lines, &books), [Agreement::NextDay, Agreement::NextDay, Agreement::AmountDiffers]);
}

/// Each row is looked at once, and one other beside it: pairs of all rows were a minute's work here.
#[test]
fn a_year_of_twenty_models_that_all_differ_is_compared_in_a_moment() {
    let mut lines = Vec::new();
    let mut books = Vec::new();
    let mut day = date("2026-01-01");
    for _ in 0..365 {
        for model in 0..20 {
            let (day, model) = (day.to_string(), format!("gpt-{model}-mini"));
            lines.push(invoiced(&day, &model, Some("2"), None));
            books.push(booked(&day, &model, "1", (10, 1)));
        }
        day = day.tomorrow().unwrap();
    }
    let began = std::time::Instant::now();
    let rows = compared(lines, &books);
    assert_eq!(rows.len(), 7_300);
    assert!(rows.iter().all(|row| row.agreement == Agreement::AmountDiffers));
    assert!(began.elapsed() < std::time::Duration::from_secs(5), "it took {:?}", began.elapsed());
}
