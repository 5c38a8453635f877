use super::*;

#[test]
fn hosts_and_ports_are_told_apart() {
    let check = |text: &str, host: &str, port| assert_eq!(host_and_port(text), (host.to_owned(), port));
    check("pbx.example", "pbx.example", 5060);
    check("pbx.example:5080", "pbx.example", 5080);
    check("[2001:db8::1]:5070", "[2001:db8::1]", 5070);
    check("[2001:db8::1]", "[2001:db8::1]", 5060);
    check("2001:db8::1", "2001:db8::1", 5060);
}
