//! Pages and pictures of the example platforms, in a real browser where there is one.
//!
//! What the browser saw is kept below the target directory, for who wants to look.
//!
//! Start with `the_page_works_in_a_browser`.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "a test: it starts a browser, writes what it looks at, and fails loudly"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use platc_driver::analysis::{Analysis, AnalysisOptions, analyse};
use platc_driver::world::Disk;
use platc_plan::Plan;
use platc_proof::pack::Limits;
use platc_proof::what_if;
use platc_report::page::Changes;
use platc_report::{Format, Picture, Report, data, graph, report, text};

fn example(name: &str) -> Analysis {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
    analyse(&Disk, &root, AnalysisOptions::default())
}

fn page_of(analysis: &Analysis, plan: &Plan) -> String {
    let (proofs, mut problems) = platc_proof::prove(plan, Limits::default());
    problems.extend(analysis.problems.iter().cloned());
    let changes = Some(Changes { since: "build 41c0", text: Some("service ingest: 6 pods, before 5\n") });
    report(&Report { plan, proofs: &proofs, findings: &problems, files: &analysis.files, changes })
        .expect("the template is right")
}

fn kept(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

const SECTIONS: [&str; 7] = ["map", "capacity", "losses", "calls", "routes", "findings", "changes"];

#[test]
fn the_page_has_every_section_and_needs_nothing_from_elsewhere() {
    for name in ["okmeter", "hetzner", "minimal", "environments/prod"] {
        let analysis = example(name);
        let page = page_of(&analysis, &analysis.plan);
        for section in SECTIONS {
            assert!(page.contains(&format!("<section id=\"{section}\"")), "{name}: no section {section}");
        }
        for elsewhere in ["src=\"", "href=\"http", "@import", "url("] {
            assert!(!page.contains(elsewhere), "{name}: {elsewhere}");
        }
        for host in analysis.plan.hosts.values() {
            assert!(page.contains(&format!("id=\"host-{}\"", host.name)), "{name}: {} is missing", host.name);
        }
        assert_eq!(page, page_of(&analysis, &analysis.plan), "{name}: twice, two pages");
    }
}

#[test]
fn what_an_author_writes_stays_text() {
    let mut analysis = example("minimal");
    let mut plan = (*analysis.plan).clone();
    plan.platform.value = "<script>alert(1)</script>".into();
    plan.workloads[0].name = "a\"><b>".into();
    analysis.problems.clear();
    let page = page_of(&analysis, &plan);
    assert!(!page.contains("<script>alert"), "a name became a script");
    assert!(!page.contains("\"><b>"), "a name became an element");
    let picture = graph::draw(&plan, Picture::Map, Format::Svg);
    assert!(picture.contains("&lt;script&gt;") && !picture.contains("<script>"), "{picture}");
}

/// A thousand hosts: small enough to send, and the ledger is not slow.
#[test]
fn a_thousand_hosts_stay_below_two_megabytes() {
    let analysis = example("okmeter");
    let more = what_if::parse_add_host("dc-a:cpu=32,memory=128GiB,count=1000").expect("a change");
    let plan = what_if::apply(&analysis.plan, &[more]).expect("a plan");
    let page = page_of(&analysis, &plan);
    assert!(page.len() < 2 << 20, "{} bytes", page.len());
    assert!(page.contains("id=\"host-new-1000\""));
    std::fs::write(kept("thousand.html"), page).expect("written");
}

#[test]
fn the_ledger_as_text_and_as_json() {
    let analysis = example("okmeter");
    let (proofs, _) = platc_proof::prove(&analysis.plan, Limits::default());
    let data = data::capacity(&analysis.plan, &proofs);
    let cluster = &data["clusters"][0];
    assert_eq!(cluster["free"]["cpu_millis"], 100_825);
    assert_eq!(cluster["percent"]["cpu"], 70);
    assert_eq!(cluster["percent"]["memory"], 19, "84120 of 424074 MiB, rounded down");
    assert_eq!(cluster["hosts"][0]["name"], "a-m1");
    assert_eq!(cluster["hosts"][0]["allocatable"]["memory_bytes"], 48_140_u64 << 20);
    let text = text::capacity(&data);
    println!("{text}");
    let first =
        "cluster prod-a: 51 pods ask for 70.6 CPU and 82.1 GiB of 100.8 CPU and 414.1 GiB (70 %, 19 %)";
    assert!(text.starts_with(first), "{text}");
    assert!(text.lines().all(|line| line.trim_end() == line), "no blanks at ends");
}

#[test]
fn pictures_are_the_same_in_all_formats() {
    let analysis = example("okmeter");
    for picture in [Picture::Calls, Picture::Map, Picture::Routes] {
        let svg = graph::draw(&analysis.plan, picture, Format::Svg);
        let dot = graph::draw(&analysis.plan, picture, Format::Dot);
        let mermaid = graph::draw(&analysis.plan, picture, Format::Mermaid);
        let boxes = svg.matches("class=\"box\"").count();
        let arrows = svg.matches("class=\"arrow\"").count();
        assert!(boxes > 4 && arrows > 3, "{picture:?}: {boxes}, {arrows}");
        assert_eq!(dot.matches(" -> ").count(), arrows, "{picture:?}");
        assert_eq!(mermaid.matches(" -->").count(), arrows, "{picture:?}");
        // Every shape has a name: a group with a label and a title.
        assert_eq!(svg.matches("role=\"img\"").count(), boxes + arrows, "{picture:?}");
        assert_eq!(svg.matches("<title>").count(), boxes + arrows + 1, "{picture:?}");
        std::fs::write(kept(&format!("{picture:?}.svg")), svg).expect("written");
        std::fs::write(kept(&format!("{picture:?}.dot")), dot).expect("written");
    }
}

/// Runs Chromium without a window; what it says about itself and the page.
fn browse(name: &str, arguments: &[&str], page: &Path) -> Option<(String, String)> {
    let chromium = platc_testkit::tools::need("chromium")?;
    // Of its own for each run: a browser that is still going down holds the one that it had.
    let profile = kept(&format!("profile-{name}-{}", std::process::id()));
    let output = Command::new(chromium)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--enable-logging=stderr"])
        .args(["--virtual-time-budget=2000", "--no-first-run", "--disable-extensions"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(arguments)
        .arg(format!("file://{}", page.display()))
        .output()
        .expect("Chromium starts");
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    // Without a profile the next run starts as clean; one that is left is only in the way.
    let _ = std::fs::remove_dir_all(profile);
    Some((
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    ))
}

/// What is done to the page, as its reader would: a click on a host, words in the field, and the keyboard.
const READER: &str = r##"<script>
const heights = Object.fromEntries([...document.querySelectorAll("main > section")]
  .map(section => [section.id, Math.ceil(section.getBoundingClientRect().height)]));
const open = document.querySelector("#host-a-m1 summary");
open.click();
// What a click opens is laid out with the next frame, and nobody reads faster than that.
setTimeout(() => {
const shown = document.querySelector("#host-a-m1 tbody").innerText;
document.querySelector("#find").value = "a-w4";
document.querySelector("#find").dispatchEvent(new Event("input"));
const left = [...document.querySelectorAll(".host")].filter(host => host.offsetParent !== null).map(host => host.id);
const stops = [...document.querySelectorAll("a[href], input, summary, [tabindex='0']")].filter(stop => stop.tabIndex >= 0);
const names = [...document.querySelectorAll("[role=img]")].filter(shape => !shape.getAttribute("aria-label"));
const result = document.createElement("pre");
result.id = "seen";
result.textContent = JSON.stringify({ heights, open: document.querySelector("#host-a-m1").open, shown, left,
  stops: stops.length, nameless: names.length, wide: document.documentElement.scrollWidth > innerWidth });
document.body.append(result);
}, 100);
</script>"##;

/// Pictures of one section, by day and by night; they are kept with what CI keeps.
fn photograph(section: &str, page: &str, height: u64) {
    let alone = format!(
        "<style>main > section:not(#{section}), header {{ display: none }} h2 {{ margin-top: 12px }}</style></head>"
    );
    let file = kept(&format!("okmeter-{section}.html"));
    std::fs::write(&file, page.replace("</head>", &alone)).expect("written");
    for (light, preference) in [("light", 1), ("dark", 0)] {
        let shot = kept(&format!("okmeter-{section}-{light}.png"));
        let to = format!("--screenshot={}", shot.display());
        let size = format!("--window-size=1280,{height}");
        let scheme = format!("--blink-settings=preferredColorScheme={preference}");
        browse(&format!("{section}-{light}"), &[&to, &size, &scheme], &file);
        let size = std::fs::metadata(&shot).expect("a picture").len();
        assert!(size > 4000, "{section} {light}: {size} bytes");
    }
}

#[test]
fn the_page_works_in_a_browser() {
    let analysis = example("okmeter");
    let page = page_of(&analysis, &analysis.plan);
    let plain = kept("okmeter.html");
    std::fs::write(&plain, &page).expect("written");
    let read = kept("okmeter-read.html");
    std::fs::write(&read, page.replace("</body>", &format!("{READER}</body>"))).expect("written");
    let Some((document, said)) = browse("read", &["--dump-dom", "--window-size=1280,900"], &read) else {
        return;
    };
    assert!(!said.contains("CONSOLE"), "the console is not quiet: {said}");
    let seen = document.split_once("<pre id=\"seen\">").and_then(|(_, rest)| rest.split_once("</pre>"));
    let seen = seen.expect("the reader came to its end").0.replace("&lt;", "<").replace("&amp;", "&");
    let seen: serde_json::Value = serde_json::from_str(&seen).expect("JSON");
    assert_eq!(seen["open"], true);
    assert_eq!(seen["nameless"], 0);
    assert_eq!(seen["wide"], false, "the page is wider than its window");
    let shown = seen["shown"].as_str().expect("text");
    assert!(shown.contains("kafka") && shown.contains("etcd") && shown.contains("edge"), "{shown}");
    assert!(seen["left"].as_array().is_some_and(|left| left.len() == 1 && left[0] == "host-a-w4"), "{seen}");
    assert!(seen["stops"].as_u64() >= Some(50), "{seen}");
    for section in SECTIONS {
        let height = seen["heights"][section].as_u64().expect("each section has a height");
        assert!(height > 40, "{section}: {height} pixels");
        photograph(section, &page, height + 100);
    }
    let print = kept("okmeter.pdf");
    browse("print", &[&format!("--print-to-pdf={}", print.display())], &plain);
    assert!(std::fs::metadata(&print).expect("a print").len() > 20_000);
}
