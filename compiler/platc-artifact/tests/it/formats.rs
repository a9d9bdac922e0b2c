//! The formats of lines, and TOML: the files that the domain needs, what is quoted, what is refused.
//!
//! Start with [`refuses`].

use platc_artifact::{Doc, Each, Fixed, Format, Guard, Lines, Prop, Reason};
use platc_diag::limits;
use serde_json::json;

use crate::tree;

fn lines(format: Format, build: impl FnOnce(&mut Lines<'_>)) -> String {
    let mut doc = Doc::new();
    doc.lines(build);
    tree::print(&doc, format)
}

/// What keeps lines from being written, and where.
fn refuses(format: Format, build: impl FnOnce(&mut Lines<'_>)) -> (String, Reason) {
    let mut doc = Doc::new();
    doc.lines(build);
    match doc.print(format, &mut Vec::new()) {
        Err(refusal) => (refusal.pointer, refusal.reason),
        Ok(_) => panic!("printed:\n{}", tree::print(&doc, format)),
    }
}

/// How a word of data is written in a format whose lines need nothing around them.
fn word(format: Format, text: &str) -> String {
    let printed = match format {
        Format::Haproxy => lines(format, |l| l.block("s", |l| l.line(("k", text)))),
        Format::Systemd => lines(format, |l| l.block("s", |l| l.line(("k", text)))),
        _ => lines(format, |l| l.line(("k", text))),
    };
    printed
        .trim_start_matches("s\n")
        .trim_start_matches("[s]\n")
        .trim_end_matches('\n')
        .trim_start()
        .to_owned()
}

fn refuses_word(format: Format, text: &str) -> Reason {
    match format {
        Format::Haproxy | Format::Systemd => refuses(format, |l| l.block("s", |l| l.line(("k", text)))).1,
        _ => refuses(format, |l| l.line(("k", text))).1,
    }
}

#[test]
fn haproxy_is_sections_with_lines() {
    let masters = [("a-m1", "10.1.0.11"), ("a-m2", "10.1.0.12")];
    let printed = lines(Format::Haproxy, |l| {
        l.block("global", |l| {
            l.line(["log", "stdout", "format", "raw", "local0"]);
            l.line(("maxconn", 4096));
        });
        l.block(["frontend", "kube_api"], |l| {
            l.line(["bind", "127.0.0.1:7443"]);
            l.line(("unique-id-format", Fixed("%{+X}o\\ %ci:%cp_%fi:%fp_%Ts_%rt:%pid")));
            l.line(["default_backend", "masters"]);
        });
        l.comment("one line per master");
        l.block(["backend", "masters"], |l| {
            l.line("balance leastconn".split(' ').collect::<Vec<_>>());
            l.comment("over TLS");
            for (name, address) in masters {
                l.line(("server", name, format_args!("{address}:6443")));
            }
        });
    });
    let expected = r"global
    log stdout format raw local0
    maxconn 4096
frontend kube_api
    bind 127.0.0.1:7443
    unique-id-format %{+X}o\ %ci:%cp_%fi:%fp_%Ts_%rt:%pid
    default_backend masters
# one line per master
backend masters
    balance leastconn
    # over TLS
    server a-m1 10.1.0.11:6443
    server a-m2 10.1.0.12:6443
";
    assert_eq!(printed, expected);
}

/// HAProxy's tokenizer (`parse_line`, without the environment), to read words back with.
fn haproxy_words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let (mut strong, mut weak) = (false, false);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' if !strong => {
                weak = !weak;
                word.get_or_insert_default();
            }
            '\'' if !weak => {
                strong = !strong;
                word.get_or_insert_default();
            }
            '\\' if !strong => {
                let escaped = chars.next().unwrap();
                assert!(matches!(escaped, '\\' | '"' | '$' | ' '), "{line}");
                word.get_or_insert_default().push(escaped);
            }
            '#' if !strong && !weak => break,
            '$' if weak => panic!("a variable in {line}"),
            ' ' if !strong && !weak => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[test]
fn haproxy_reads_its_words_back() {
    for text in [
        "a",
        "a b",
        "it's",
        "say \"hi\"",
        "'\"",
        "a#b",
        "$X",
        "it's $X",
        "${X} 'a'",
        "\\",
        "a\\ b",
        "'\\'",
        "%[src]",
        "é",
        "a\\nb's",
    ] {
        let printed = word(Format::Haproxy, text);
        assert_eq!(haproxy_words(&printed), ["k", text], "{printed}");
    }
    assert_eq!(word(Format::Haproxy, "a b"), "k 'a b'");
    assert_eq!(word(Format::Haproxy, "it's $5"), "k \"it's \\$5\"");
}

#[test]
fn haproxy_refuses_what_it_cannot_say() {
    assert_eq!(refuses_word(Format::Haproxy, "two\nlines"), Reason::Character('\n'));
    assert_eq!(refuses_word(Format::Haproxy, "tab\t"), Reason::Character('\t'));
    assert_eq!(refuses_word(Format::Haproxy, "right\u{202e}left"), Reason::Character('\u{202e}'));
    assert_eq!(refuses_word(Format::Haproxy, ""), Reason::EmptyWord);
    assert_eq!(refuses(Format::Haproxy, |l| l.line("maxconn")), ("/0".into(), Reason::NoSection));
    let nested = refuses(Format::Haproxy, |l| l.block("a", |l| l.block("b", |l| l.line("c"))));
    assert_eq!(nested, ("/0/1/0/1".into(), Reason::NoBlock));
    assert_eq!(refuses(Format::Haproxy, |l| l.block([""; 0], |_| {})), ("/0".into(), Reason::NoWords));
}

#[test]
fn haproxy_lines_have_limits() {
    let words = |n_words: usize| move |l: &mut Lines<'_>| l.block("s", |l| l.line(vec!["w"; n_words]));
    lines(Format::Haproxy, words(limits::HAPROXY_LINE_WORDS));
    assert_eq!(refuses(Format::Haproxy, words(limits::HAPROXY_LINE_WORDS + 1)).1, Reason::TooManyWords);
    let bytes = |n_bytes: usize| move |l: &mut Lines<'_>| l.block("s", |l| l.line("w".repeat(n_bytes)));
    lines(Format::Haproxy, bytes(limits::HAPROXY_LINE_BYTES - 4));
    assert_eq!(refuses(Format::Haproxy, bytes(limits::HAPROXY_LINE_BYTES - 3)).1, Reason::LineTooLong);
}

#[test]
fn nginx_is_directives_and_blocks() {
    let printed = lines(Format::Nginx, |l| {
        l.block(["upstream", "edge_prod_a"], |l| {
            l.line(["zone", "edge_prod_a", "64k"]);
            l.line(("server", "10.1.0.11:8000", Prop("max_fails", 2), Prop("fail_timeout", "5s")));
            l.line(("keepalive", 64));
        });
        l.block("server", |l| {
            l.line(["listen", "127.0.0.1:18081"]);
            l.block(["location", "/"], |l| {
                l.line(["proxy_pass", "http://edge_prod_a"]);
                l.line(["proxy_set_header", "Connection", ""]);
                l.line(("proxy_set_header", "Host", Fixed("$host")));
                l.comment("never non_idempotent unless the service says so");
                l.line(["proxy_next_upstream", "error", "timeout"]);
            });
        });
    });
    let expected = r#"upstream edge_prod_a {
    zone edge_prod_a 64k;
    server 10.1.0.11:8000 max_fails=2 fail_timeout=5s;
    keepalive 64;
}
server {
    listen 127.0.0.1:18081;
    location / {
        proxy_pass http://edge_prod_a;
        proxy_set_header Connection "";
        proxy_set_header Host $host;
        # never non_idempotent unless the service says so
        proxy_next_upstream error timeout;
    }
}
"#;
    assert_eq!(printed, expected);
}

#[test]
fn nginx_quotes_and_refuses() {
    assert_eq!(word(Format::Nginx, "a b;{}"), r#"k "a b;{}";"#);
    assert_eq!(word(Format::Nginx, r#"^/(\d+)"'$"#.trim_end_matches('$')), r#"k "^/(\\d+)\"'";"#);
    assert_eq!(word(Format::Nginx, "a\nb\tc"), r#"k "a\nb\tc";"#);
    assert_eq!(word(Format::Nginx, "#a"), "k \"#a\";");
    assert_eq!(refuses_word(Format::Nginx, "cost $5"), Reason::Character('$'));
    assert_eq!(refuses_word(Format::Nginx, "nul\0"), Reason::Character('\0'));
    assert_eq!(
        word(Format::Nginx, &"w".repeat(limits::NGINX_WORD_BYTES)).len(),
        limits::NGINX_WORD_BYTES + 3
    );
    assert_eq!(refuses_word(Format::Nginx, &"w".repeat(limits::NGINX_WORD_BYTES + 1)), Reason::WordTooLong);
}

#[test]
fn keepalived_is_blocks_in_braces() {
    let printed = lines(Format::Keepalived, |l| {
        l.block("global_defs", |l| {
            l.line(["router_id", "m1-dc1"]);
            l.line("enable_script_security");
        });
        l.block(["vrrp_script", "chk_apiserver"], |l| {
            l.line(["script", "/etc/keepalived/check_apiserver.sh"]);
            l.line(("interval", 3));
            l.line(("weight", -50));
        });
        l.block(["vrrp_instance", "control_plane"], |l| {
            l.line(["state", "BACKUP"]);
            l.block("unicast_peer", |l| ["10.1.0.12", "10.1.0.13"].iter().for_each(|peer| l.line(peer)));
            l.block("authentication", |l| l.line(["auth_pass", "@@secret:vrrp@@"]));
            l.block("virtual_ipaddress", |l| l.line(["10.1.0.100/24", "dev", "eth1"]));
        });
    });
    let expected = r"global_defs {
    router_id m1-dc1
    enable_script_security
}
vrrp_script chk_apiserver {
    script /etc/keepalived/check_apiserver.sh
    interval 3
    weight -50
}
vrrp_instance control_plane {
    state BACKUP
    unicast_peer {
        10.1.0.12
        10.1.0.13
    }
    authentication {
        auth_pass @@secret:vrrp@@
    }
    virtual_ipaddress {
        10.1.0.100/24 dev eth1
    }
}
";
    assert_eq!(printed, expected);
}

#[test]
fn keepalived_quotes_and_refuses() {
    assert_eq!(word(Format::Keepalived, "/bin/check -f {a} #b !c"), "k \"/bin/check -f {a} #b !c\"");
    for c in ['"', '\'', '\\', '$', '~', '\n', '\t'] {
        assert_eq!(refuses_word(Format::Keepalived, &format!("a{c}b")), Reason::Character(c));
    }
    assert_eq!(refuses_word(Format::Keepalived, ""), Reason::EmptyWord);
    assert_eq!(refuses(Format::Keepalived, |l| l.line(["@node", "a"])), ("/0".into(), Reason::Word));
    let long = |n_bytes: usize| move |l: &mut Lines<'_>| l.line("w".repeat(n_bytes));
    lines(Format::Keepalived, long(limits::KEEPALIVED_LINE_BYTES));
    assert_eq!(refuses(Format::Keepalived, long(limits::KEEPALIVED_LINE_BYTES + 1)).1, Reason::LineTooLong);
    let block = |n_bytes: usize| move |l: &mut Lines<'_>| l.block("w".repeat(n_bytes), |_| {});
    lines(Format::Keepalived, block(limits::KEEPALIVED_LINE_BYTES - 2));
    assert_eq!(refuses(Format::Keepalived, block(limits::KEEPALIVED_LINE_BYTES - 1)).1, Reason::LineTooLong);
}

#[test]
fn a_corefile_is_server_blocks_with_directives() {
    let host_ip = Fixed("{$HOST_IP}");
    let zones = ["in-addr.arpa", "ip6.arpa"];
    let printed = lines(Format::Corefile, |l| {
        l.block(["cluster.local:53", "in-addr.arpa:53", "ip6.arpa:53"], |l| {
            l.line(("bind", host_ip));
            l.line("errors");
            l.block(("health", Fixed("{$HOST_IP}:8180")), |l| l.line(["lameduck", "10s"]));
            l.block(("kubernetes", "cluster.local", zones), |l| {
                l.line(["pods", "disabled"]);
                l.line(("ttl", 5));
                l.line(("fallthrough", Each(zones)));
            });
            l.line(("cache", 5));
        });
        l.block(".:53", |l| {
            l.block(["forward", ".", "10.1.0.2", "10.1.0.3"], |l| l.line(["policy", "sequential"]));
            l.line("loop");
        });
    });
    let expected = r"cluster.local:53 in-addr.arpa:53 ip6.arpa:53 {
    bind {$HOST_IP}
    errors
    health {$HOST_IP}:8180 {
        lameduck 10s
    }
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods disabled
        ttl 5
        fallthrough in-addr.arpa ip6.arpa
    }
    cache 5
}
.:53 {
    forward . 10.1.0.2 10.1.0.3 {
        policy sequential
    }
    loop
}
";
    assert_eq!(printed, expected);
}

/// The lexer of Corefiles (`caddyfile/lexer.go`), to read words back with.
fn corefile_words(line: &str) -> Vec<String> {
    let (mut words, mut word) = (Vec::new(), String::new());
    let (mut quoted, mut escaped, mut comment) = (false, false, false);
    for c in line.chars().chain(['\n']) {
        if quoted {
            match (escaped, c) {
                (false, '\\') => escaped = true,
                (false, '"') => {
                    quoted = false;
                    words.push(std::mem::take(&mut word));
                }
                (escaped_now, c) => {
                    if escaped_now && c != '"' {
                        word.push('\\');
                    }
                    word.push(c);
                    escaped = false;
                }
            }
        } else if c.is_whitespace() {
            comment = false;
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
        } else if comment || c == '#' {
            comment = true;
        } else if word.is_empty() && c == '"' {
            quoted = true;
        } else {
            word.push(c);
        }
    }
    words
}

#[test]
fn a_corefile_reads_its_words_back() {
    for text in
        ["a", "a b", "", "a#b", "\"", "\"a\" b", "a\"b", "\\", "a\\", "a\\b c", "\\d+ x", "{a}", "$x", "é ü"]
    {
        let printed = word(Format::Corefile, text);
        assert_eq!(corefile_words(&printed), ["k", text], "{printed}");
    }
}

#[test]
fn a_corefile_refuses_what_it_cannot_say() {
    for text in ["{", "}", "a{$HOME}b", "{%HOME%}", "a b\\", "say \\\"hi\\\" #"] {
        assert_eq!(refuses_word(Format::Corefile, text), Reason::Word, "{text}");
    }
    assert_eq!(refuses_word(Format::Corefile, "a\nb"), Reason::Character('\n'));
    assert_eq!(refuses(Format::Corefile, |l| l.line(["import", "x"])), ("/0".into(), Reason::Word));
    assert_eq!(refuses(Format::Corefile, |l| l.block("(snippet)", |_| {})), ("/0".into(), Reason::Word));
    assert_eq!(
        refuses(Format::Corefile, |l| l.block(["a.test,", "b.test"], |_| {})),
        ("/0/0".into(), Reason::Word)
    );
}

#[test]
fn systemd_is_sections_with_settings() {
    let mut doc = Doc::new();
    doc.comment("made by platc");
    doc.lines(|l| {
        l.block("Unit", |l| {
            l.line(["Description", "Stateful carve-outs outside Kubernetes"]);
            l.line(["Before", "slices.target"]);
        });
        l.block("Slice", |l| {
            l.line(("AllowedCPUs", "2-5"));
            l.line(("MemoryLow", format_args!("{}G", 10)));
        });
        l.comment("twice the same section");
        l.block("Route", |l| l.line(["Destination", "10.244.1.0/24"]));
        l.block("Route", |l| {
            l.line(["Destination", "10.244.0.0/18"]);
            l.line(("Metric", 32000));
        });
        l.block("Match", |l| l.line(("Name", "cni0", "veth*", "flannel*")));
        l.block("Service", |l| {
            l.line(["ExecStart"]);
            l.line((
                "ExecStart",
                "/usr/bin/kubelet",
                Prop("--config", "/a b"),
                Fixed("$KUBELET_ARGS"),
                Fixed("%i"),
            ));
            l.line(("Environment", "A=1 2", "B=say \"x\""));
        });
    });
    let expected = r#"# made by platc
[Unit]
Description=Stateful carve-outs outside Kubernetes
Before=slices.target

[Slice]
AllowedCPUs=2-5
MemoryLow=10G
# twice the same section

[Route]
Destination=10.244.1.0/24

[Route]
Destination=10.244.0.0/18
Metric=32000

[Match]
Name=cni0 veth* flannel*

[Service]
ExecStart=
ExecStart=/usr/bin/kubelet "--config=/a b" $KUBELET_ARGS %i
Environment="A=1 2" "B=say \"x\""
"#;
    assert_eq!(tree::print(&doc, Format::Systemd), expected);
}

#[test]
fn systemd_refuses_what_it_would_change() {
    assert_eq!(word(Format::Systemd, "a \"b\" \\ c"), "k=a \"b\" \\ c");
    for text in [" a", "a ", "a\\"] {
        assert_eq!(refuses_word(Format::Systemd, text), Reason::Word, "{text:?}");
    }
    assert_eq!(refuses_word(Format::Systemd, "100% kafka"), Reason::Character('%'));
    assert_eq!(refuses_word(Format::Systemd, "a\nExecStart=/bin/sh"), Reason::Character('\n'));
    assert_eq!(refuses(Format::Systemd, |l| l.line(["A", "b"])), ("/0".into(), Reason::NoSection));
    assert_eq!(refuses(Format::Systemd, |l| l.block("a]b", |_| {})), ("/0".into(), Reason::Name));
    let odd_key = refuses(Format::Systemd, |l| l.block("Unit", |l| l.line(["a=b", "c"])));
    assert_eq!(odd_key, ("/0/1/0/0".into(), Reason::Name));
    let nested = refuses(Format::Systemd, |l| l.block("Unit", |l| l.block("a", |_| {})));
    assert_eq!(nested, ("/0/1/0/1".into(), Reason::NoBlock));
    let long = |n_bytes: usize| move |l: &mut Lines<'_>| l.block("s", |l| l.line(("k", "w".repeat(n_bytes))));
    lines(Format::Systemd, long(limits::SYSTEMD_LINE_BYTES - 2));
    assert_eq!(refuses(Format::Systemd, long(limits::SYSTEMD_LINE_BYTES - 1)).1, Reason::LineTooLong);
}

#[test]
fn shell_variables_hold_lines() {
    let printed = lines(Format::Shell, |l| {
        l.line(["config_eth1", "10.1.0.31/24"]);
        l.comment("one route a line");
        l.block("routes_eth1", |l| {
            l.line(["default", "via", "10.1.0.1"]);
            l.line(["10.118.11.0/24", "scope", "link", "table", "vswitch"]);
        });
        l.block("rc_cgroup_settings", |l| l.line(("memory.max", 12_884_901_888_u64)));
        l.line(("command_args", "--config=/var/lib/kubelet/config.yaml", Fixed("${KUBELET_EXTRA_ARGS}")));
        l.line("empty");
        l.line(["odd", "cost `$5` \"here\" \\ \n  and here"]);
        l.line(Fixed("postup() {\n    return 0\n}\n"));
    });
    let expected = r#"config_eth1="10.1.0.31/24"
# one route a line
routes_eth1="
default via 10.1.0.1
10.118.11.0/24 scope link table vswitch
"
rc_cgroup_settings="
memory.max 12884901888
"
command_args="--config=/var/lib/kubelet/config.yaml ${KUBELET_EXTRA_ARGS}"
empty=""
odd="cost \`\$5\` \"here\" \\ 
  and here"
postup() {
    return 0
}
"#;
    assert_eq!(printed, expected);
}

/// The values arrive in a real shell, whatever is in them.
#[test]
fn a_shell_reads_its_variables_back() {
    let Some(shell) = platc_testkit::tools::need("sh") else { return };
    let nasty = crate::strings::nasty();
    let is_sayable = |text: &&String| {
        let mut doc = Doc::new();
        doc.lines(|l| l.line(("v", *text)));
        doc.print(Format::Shell, &mut Vec::new()).is_ok()
    };
    let texts: Vec<&String> = nasty.iter().filter(is_sayable).collect();
    assert!(texts.len() > 350, "{}", texts.len());
    let mut script = lines(Format::Shell, |l| {
        for (nth, text) in texts.iter().enumerate() {
            l.line((format_args!("v{nth}").to_string(), text));
        }
    });
    for nth in 0..texts.len() {
        script.push_str(&format!("printf '%s\\0' \"$v{nth}\"\n"));
    }
    let read = platc_testkit::tools::pipe(&shell, &[], script.as_bytes());
    let expected: Vec<u8> = texts.iter().flat_map(|text| [text.as_bytes(), b"\0"].concat()).collect();
    assert!(read == expected, "{}", String::from_utf8_lossy(&read));
}

#[test]
fn a_shell_refuses_what_it_would_change() {
    assert_eq!(refuses_word(Format::Shell, "nul\0"), Reason::Character('\0'));
    assert_eq!(refuses_word(Format::Shell, "\r"), Reason::Character('\r'));
    assert_eq!(refuses(Format::Shell, |l| l.line(["k", "a b", "c"])), ("/0/1".into(), Reason::Word));
    assert_eq!(refuses(Format::Shell, |l| l.line(["k", "", "c"])), ("/0/1".into(), Reason::Word));
    for name in ["1a", "a-b", "", "a=b", "a b"] {
        assert_eq!(
            refuses(Format::Shell, |l| l.line([name, "x"])),
            ("/0/0".into(), Reason::Name),
            "{name:?}"
        );
    }
    assert_eq!(refuses(Format::Shell, |l| l.block(["a", "b"], |_| {})), ("/0/2".into(), Reason::OneValue));
    let comment = refuses(Format::Shell, |l| l.block("a", |l| l.comment("part of the value")));
    assert_eq!(comment, ("/0/1".into(), Reason::Comment));
    assert_eq!(refuses(Format::Shell, |l| l.block("a", |l| l.block("b", |_| {}))).1, Reason::NoBlock);
}

#[test]
fn plain_lines_are_words_with_blanks() {
    let routes = lines(Format::Lines, |l| {
        l.line(["rule", "add", "pref", "1000", "from", "10.118.11.0/24", "lookup", "100"]);
        l.line(("route", "replace", "unreachable", "10.244.0.0/18", "metric", 32000, "proto", "static"));
    });
    assert_eq!(
        routes,
        "rule add pref 1000 from 10.118.11.0/24 lookup 100\nroute replace unreachable 10.244.0.0/18 metric 32000 proto static\n"
    );
    let interfaces = lines(Format::Lines, |l| {
        l.comment("pod routes");
        l.block(["iface", "eth1", "inet", "manual"], |l| {
            l.line((
                "up",
                "ip",
                "route",
                "replace",
                "10.244.1.0/24",
                "via",
                "10.1.0.11",
                "dev",
                Fixed("$IFACE"),
            ));
            l.line(("down", "ip", "route", "del", "10.244.1.0/24", Fixed("|| true")));
        });
    });
    let expected = "# pod routes\niface eth1 inet manual\n    up ip route replace 10.244.1.0/24 via 10.1.0.11 dev $IFACE\n    down ip route del 10.244.1.0/24 || true\n";
    assert_eq!(interfaces, expected);
    assert_eq!(lines(Format::Lines, |l| l.line(("vm.panic_on_oom", "=", 0))), "vm.panic_on_oom = 0\n");
    assert_eq!(lines(Format::Lines, |l| l.line(("ratio", 0.5, true))), "ratio 0.5 true\n");
}

#[test]
fn plain_lines_refuse_what_a_reader_would_take_apart() {
    assert_eq!(refuses_word(Format::Lines, "a b"), Reason::Character(' '));
    assert_eq!(refuses_word(Format::Lines, "a#b"), Reason::Character('#'));
    assert_eq!(refuses_word(Format::Lines, "a\nb"), Reason::Character('\n'));
    assert_eq!(refuses_word(Format::Lines, ""), Reason::EmptyWord);
    assert_eq!(refuses_word(Format::Lines, "a\\"), Reason::Word);
    assert_eq!(refuses(Format::Lines, |l| l.line(";a")).1, Reason::Word);
    assert_eq!(refuses(Format::Lines, |l| l.line(f64::NAN)).1, Reason::NotFinite);
}

#[test]
fn a_word_is_a_scalar() {
    let mut doc = Doc::new();
    doc.seq(|s| s.embed(Format::Lines, Guard::None, |d| d.lines(|l| l.line("a"))));
    let line = doc.get("/0/0").unwrap();
    let mut copy = Doc::new();
    copy.lines(|l| l.copy(line));
    assert_eq!(tree::print(&copy, Format::Lines), "a\n");
}

#[test]
fn kdl_is_nodes_with_arguments_properties_and_children() {
    let mut doc = Doc::new();
    doc.comment("platc.lock");
    doc.lines(|l| {
        l.line(("version", 1));
        l.block(("image", "okm/ingest:2026.11.3", Prop("digest", "sha256:00")), |l| {
            l.comment("resolved by platc fetch");
            l.line(("seen", true, 0.5, f64::INFINITY, "true", "two\nlines \u{202e}"));
        });
        l.line(("odd name", Prop("odd key", 1)));
        l.line(["true"]);
    });
    let expected = r#"// platc.lock
version 1
image "okm/ingest:2026.11.3" digest="sha256:00" {
    // resolved by platc fetch
    seen #true 0.5 #inf "true" "two\nlines \u{202e}"
}
"odd name" "odd key"=1
"true"
"#;
    let printed = tree::print(&doc, Format::Kdl);
    assert_eq!(printed, expected);
    let read: kdl::KdlDocument = kdl::KdlDocument::parse_v2(&printed).unwrap();
    let image = read.get("image").unwrap();
    assert_eq!(image.get("digest").and_then(|value| value.as_string()), Some("sha256:00"));
    let seen = image.children().and_then(|children| children.get("seen")).unwrap();
    assert_eq!(seen.get(4).and_then(|value| value.as_string()), Some("two\nlines \u{202e}"));
}

#[test]
fn kdl_reads_every_string_back() {
    let nasty = crate::strings::nasty();
    let printed = lines(Format::Kdl, |l| {
        for text in &nasty {
            l.block((text, text, Prop(text, text)), |l| l.line(("child", text)));
        }
    });
    let read = kdl::KdlDocument::parse_v2(&printed).unwrap();
    assert_eq!(read.nodes().len(), nasty.len());
    for (node, text) in read.nodes().iter().zip(&nasty) {
        assert_eq!(node.name().value(), text);
        assert_eq!(node.get(0).and_then(|value| value.as_string()), Some(text.as_str()));
        assert_eq!(node.get(text.as_str()).and_then(|value| value.as_string()), Some(text.as_str()));
    }
}

#[test]
fn toml_is_tables_with_quoted_keys() {
    let mut doc = Doc::new();
    doc.map(|m| {
        m.put("version", 3);
        m.map("plugins", |m| {
            m.map("io.containerd.cri.v1.images", |m| {
                m.map("pinned_images", |m| m.put("sandbox", "registry.k8s.io/pause:3.10.1"));
                m.map("registry", |m| m.put("config_path", "/etc/containerd/certs.d"));
            });
            m.map("io.containerd.cri.v1.runtime", |m| {
                m.map("containerd", |m| {
                    m.map("runtimes", |m| {
                        m.map("runc", |m| {
                            m.put("runtime_type", "io.containerd.runc.v2");
                            m.comment("as the kubelet has it");
                            m.map("options", |m| m.put("SystemdCgroup", true));
                            m.put("after", 1);
                        });
                    });
                });
            });
        });
        m.map("host", |m| {
            m.map("https://mirror.example", |m| m.list("capabilities", ["pull", "resolve"]));
        });
        m.seq("rules", |s| {
            s.map(|m| m.put("a", 1));
            s.map(|m| m.map("b", |m| m.seq("c", |s| s.seq(|s| s.map(|m| m.put("d", 0.5))))));
            s.map(|_| {});
        });
        m.map("empty", |_| {});
        m.seq("none", |_| {});
    });
    let expected = r#"version = 3
none = []

[plugins."io.containerd.cri.v1.images".pinned_images]
sandbox = "registry.k8s.io/pause:3.10.1"

[plugins."io.containerd.cri.v1.images".registry]
config_path = "/etc/containerd/certs.d"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
after = 1
# as the kubelet has it

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
SystemdCgroup = true

[host."https://mirror.example"]
capabilities = ["pull", "resolve"]

[[rules]]
a = 1

[[rules]]

[rules.b]
c = [[{ d = 0.5 }]]

[[rules]]

[empty]
"#;
    let mut out = b"what stands before makes no difference\n".to_vec();
    let before = out.len();
    doc.print(Format::Toml, &mut out).unwrap();
    let printed = String::from_utf8(out.split_off(before)).unwrap();
    assert_eq!(printed, expected);
    let mut json = String::new();
    doc.root().unwrap().write_json(&mut json);
    let meant: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(tree::read(&printed, Format::Toml), meant);
}

#[test]
fn toml_reads_every_string_back() {
    for text in crate::strings::nasty() {
        let meant = json!({ "v": text, text.as_str(): { text.as_str(): [text, [{ text.as_str(): text }]] }, "t": [{ text.as_str(): text }] });
        assert_eq!(tree::read(&tree::print_tree(&meant, Format::Toml), Format::Toml), meant);
    }
}

#[test]
fn toml_refuses_what_it_lacks() {
    let refuses = |tree: serde_json::Value| {
        let refusal = tree::doc(&tree).print(Format::Toml, &mut Vec::new()).unwrap_err();
        (refusal.pointer, refusal.reason)
    };
    assert_eq!(refuses(json!({ "a": { "b": null } })), ("/a/b".into(), Reason::Null));
    assert_eq!(refuses(json!({ "a": [[{ "b": null }]] })), ("/a/0/0/b".into(), Reason::Null));
    assert_eq!(refuses(json!([1])), (String::new(), Reason::RootNotMap));
    assert_eq!(refuses(json!({ "a": u64::MAX })), ("/a".into(), Reason::NumberTooLarge));
}

#[test]
fn json_is_laid_out_and_refuses_what_it_lacks() {
    let tree = json!({ "a": [], "b": {}, "c": [1, { "d": null }] });
    assert_eq!(tree::print_tree(&tree, Format::Json), "{\"a\":[],\"b\":{},\"c\":[1,{\"d\":null}]}\n");
    let pretty =
        "{\n  \"a\": [],\n  \"b\": {},\n  \"c\": [\n    1,\n    {\n      \"d\": null\n    }\n  ]\n}\n";
    assert_eq!(tree::print_tree(&tree, Format::JsonPretty), pretty);
    let mut doc = Doc::new();
    doc.map(|m| m.put("a", f64::INFINITY));
    assert_eq!(doc.print(Format::Json, &mut Vec::new()).unwrap_err().reason, Reason::NotFinite);
    // YAML has words for them.
    assert_eq!(tree::print(&doc, Format::Yaml), "a: .inf\n");
}
