use super::*;

fn proxy(url: &str) -> Result<(), NetworkError> {
    check_network(&Network { proxy: Proxy::Url { url: url.into() }, ..Network::default() })
}

fn authority(pem: &str) -> Result<(), NetworkError> {
    check_network(&Network { certificate_authority: Some(pem.into()), ..Network::default() })
}

fn timeouts(timeouts: Timeouts) -> Result<(), NetworkError> {
    check_network(&Network { timeouts, ..Network::default() })
}

fn query(pairs: &[(&str, &str)]) -> Result<(), NetworkError> {
    let query = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    check_network(&Network { query, ..Network::default() })
}

fn header(name: &str, value: &str) -> Result<(), NetworkError> {
    check_headers(&[(name.into(), value.into())])
}

#[test]
fn proxies_are_addresses_of_a_known_kind_without_secrets() {
    for url in [
        "http://proxy.example:8080",
        "https://proxy.example",
        "socks5://127.0.0.1:1080",
        " socks5h://[::1]:9 ",
    ] {
        assert_eq!(proxy(url), Ok(()), "{url}");
    }
    assert_eq!(proxy("ftp://proxy.example"), Err(NetworkError::ProxyScheme("ftp".into())));
    for text in ["", "proxy.example:8080", "proxy.example", "localhost:3128", "http://", "socks5h:"] {
        assert_eq!(proxy(text), Err(NetworkError::ProxyAddress), "{text}");
    }
    for text in ["http://me:hunter2@proxy.example", "socks5h://me@127.0.0.1:1080", "ftp://me:hunter2@x"] {
        let error = proxy(text).unwrap_err();
        assert_eq!(error, NetworkError::ProxyCredentials, "{text}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}

#[test]
fn authorities_are_whole_certificates_and_nothing_else() {
    let made = rcgen::generate_simple_self_signed(["ca.example".to_owned()]).unwrap();
    let pem = made.cert.pem();
    assert_eq!(authority(&pem), Ok(()));
    assert_eq!(authority(&format!("# our company\n{pem}\n{pem}")), Ok(()), "several, with words between");
    assert_eq!(authority(""), Err(NetworkError::NoCertificate));
    assert_eq!(authority("/etc/ssl/ca.pem"), Err(NetworkError::NoCertificate), "a path is no certificate");
    let cut = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    assert_eq!(authority(&format!("{pem}{cut}")), Err(NetworkError::Certificate(2)));
    let error = authority(&format!("{pem}{}", made.signing_key.serialize_pem()));
    assert_eq!(error, Err(NetworkError::PrivateKey));
}

#[test]
fn headers_queries_and_times_are_checked_by_name() {
    assert_eq!(header("X-Team", "red"), Ok(()));
    assert_eq!(header("x team", "red"), Err(NetworkError::Header("x team".into())));
    assert_eq!(header("x-team", "a\nb"), Err(NetworkError::Header("x-team".into())));
    assert_eq!(header("Content-Length", "1"), Err(NetworkError::ReservedHeader("Content-Length".into())));
    assert_eq!(query(&[("api-version", "2024-10-21")]), Ok(()));
    for pairs in [&[("", "1")][..], &[("a", "1"), ("a", "2")], &[("a", "1\n2")]] {
        assert!(matches!(query(pairs), Err(NetworkError::Query(_))), "{pairs:?}");
    }
    assert!(matches!(query(&[("API_Key", "x")]), Err(NetworkError::SecretQuery(_))));
    let ms = |connect, idle, total| Timeouts {
        connect_ms: connect,
        idle_ms: idle,
        total_ms: total,
        first_delta_ms: None,
    };
    assert_eq!(timeouts(ms(Some(1), None, Some(1))), Ok(()));
    assert_eq!(timeouts(ms(None, None, None)), Ok(()));
    assert_eq!(timeouts(ms(Some(0), None, None)), Err(NetworkError::Timeout("connect")));
    assert_eq!(timeouts(ms(None, None, Some(u64::MAX))), Err(NetworkError::Timeout("total")));
    assert_eq!(timeouts(ms(None, Some(10), Some(9))), Err(NetworkError::TimeoutOrder("idle")));
}
