use super::*;

fn with(panel: &str) -> String {
    format!("{SMALLEST}\n[panel]\n{panel}")
}

#[test]
fn without_the_section_there_is_no_panel() {
    assert_eq!(good(SMALLEST).panel, None);
}

#[test]
fn a_panel_is_read() {
    let config = good(&with(
        "led_red = \"GPIO5\"\nled_green = \"GPIO6\"\nrelay = \"pinctrl-rp1/GPIO17\"\nbutton = \"GPIO27\"\n\
         active_low = [\"relay\", \"button\"]\nrelay_max_s = 60\nquiet_hours = \"22:00-06:30\"\nsounds_for = \"open\"\n",
    ));
    let wired = |line: &str, active_low| Some(PanelWiring { line: line.to_owned(), active_low });
    assert_eq!(
        config.panel,
        Some(PanelSettings {
            board: PanelBoard::Gpio,
            led_red: wired("GPIO5", false),
            led_green: wired("GPIO6", false),
            relay: wired("pinctrl-rp1/GPIO17", true),
            button: wired("GPIO27", true),
            relay_max_s: 60,
            quiet_hours: Some((22 * 60, 6 * 60 + 30)),
            sounds_for: SoundsFor::Open,
        })
    );
    let sim = good(&with("board = \"sim\"\nsim_file = \"panel.txt\"\n")).panel.unwrap();
    assert!(matches!(sim.board, PanelBoard::Sim(Some(path)) if path.ends_with("panel.txt")));
}

#[test]
fn faults_of_a_panel_say_what_to_write() {
    let check = |panel: &str, expected: &str| {
        let faults = told(&parse(&with(panel)).unwrap_err());
        assert!(faults.contains(expected), "{panel}:\n{faults}");
    };
    check("relay = \"17\"", "so a line has to be named");
    check("relay = \"gpiochip0/17\"", "so a line has to be named");
    check("relay = \"GPIO5\"\nled_red = \"GPIO5\"", "panel.led_red and panel.relay are the same line");
    check("relay = \"GPIO5\"\nactive_low = [\"rely\"]", "did you mean \"relay\"?");
    check("relay = \"GPIO5\"\nquiet_hours = \"22-6\"", "a time is written like 22:00");
    check("relay = \"GPIO5\"\nrelay_max_s = 0", "a number from 1 to 86400 (seconds)");
    check("relay = \"GPIO5\"\nsim_file = \"x\"", "panel.sim_file is for a simulated panel only");
    check("board = \"gpoi\"", "did you mean \"gpio\"?");
    let bare = good(&with("board = \"gpio\""));
    assert!(told(&bare.warnings).contains("nothing is wired to it"), "{:?}", bare.warnings);
}

#[test]
fn the_panel_is_read_whatever_else_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("nightdesk.toml");
    std::fs::write(&file, "[line]\nlistne = 5\n[panel]\nrelay = \"GPIO17\"\n").unwrap();
    assert!(Config::load(&file).is_err());
    let panel = Config::panel_of(&file).unwrap().unwrap();
    assert_eq!(panel.relay, Some(PanelWiring { line: "GPIO17".into(), active_low: false }));
    std::fs::write(&file, "[panel]\nrelay = \"17\"\n").unwrap();
    assert!(told(&Config::panel_of(&file).unwrap_err()).contains("has to be named"));
}
