//! Artifacts: streams, the hash of an object inside of the object, fixed text, using one again.

use platc_artifact::{
    Artifact, ArtifactPath, ContentHash, Doc, Format, Guard, Mode, Node, OnChange, Owner, Reason, Target,
};
use sha2::{Digest, Sha256};

use crate::tree;

fn sha256(pieces: [&[u8]; 2]) -> [u8; 32] {
    Sha256::digest(pieces.concat()).into()
}

fn print(artifact: &Artifact) -> String {
    let mut out = Vec::new();
    artifact.print(&mut out, sha256).unwrap();
    String::from_utf8(out).unwrap()
}

fn path(path: &str) -> ArtifactPath {
    ArtifactPath::parse(path).unwrap()
}

fn object(doc: &mut Doc, name: &str) {
    doc.map(|m| {
        m.put("kind", "ConfigMap");
        m.map("metadata", |m| {
            m.put("name", name);
            m.map("annotations", |m| m.put("platc/content-sha256", ContentHash));
        });
    });
}

#[test]
fn a_stream_holds_objects_that_each_carry_their_hash() {
    let mut artifact = Artifact::new();
    artifact.begin(
        path("clusters/prod-a/30-workloads/metrics.ingest.yaml"),
        "kubernetes-objects",
        Target::Cluster("prod-a".into()),
    );
    object(artifact.doc(Format::Yaml), "a");
    object(artifact.doc(Format::Yaml), "b");
    let printed = print(&artifact);
    let documents: Vec<&str> = printed.split("---\n").collect();
    assert_eq!(documents.len(), 2);
    for (document, name) in documents.iter().zip(["a", "b"]) {
        let read = tree::read_serde_yaml(document);
        let hash = read["metadata"]["annotations"]["platc/content-sha256"].as_str().unwrap();
        // What the package says anybody can compute: the object with that value empty.
        let empty = document.replace(hash, "");
        assert_eq!(Sha256::digest(&empty).iter().map(|byte| format!("{byte:02x}")).collect::<String>(), hash);
        assert_eq!(read["metadata"]["name"], name);
        assert!(document.ends_with(&format!("    platc/content-sha256: \"{hash}\"\n")));
    }
}

#[test]
fn the_hash_of_an_object_is_that_of_its_bytes_wherever_they_lie() {
    let mut doc = Doc::new();
    object(&mut doc, "a");
    let hash_after = |before: &str| {
        let mut out = before.as_bytes().to_vec();
        let place = doc.print(Format::Json, &mut out).unwrap().unwrap();
        out.extend_from_slice(b"what comes behind");
        let hash = sha256(place.pieces(&out));
        place.place(&mut out, &hash);
        (hash, String::from_utf8(out).unwrap())
    };
    let (hash, _) = hash_after("");
    let (again, text) = hash_after("{}\n");
    assert_eq!(hash, again);
    let json: serde_json::Value =
        serde_json::from_str(text["{}\n".len()..].strip_suffix("what comes behind").unwrap()).unwrap();
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(json["metadata"]["annotations"]["platc/content-sha256"], hex.as_str());
}

#[test]
fn a_hash_stands_once_and_in_the_document_itself() {
    let mut doc = Doc::new();
    doc.map(|m| {
        m.put("a", ContentHash);
        m.put("b", ContentHash);
    });
    assert_eq!(doc.print(Format::Yaml, &mut Vec::new()).unwrap_err().reason, Reason::ContentHash);
    for format in [Format::Yaml, Format::Json] {
        doc.clear();
        doc.map(|m| {
            m.embed("a", format, Guard::None, |d| d.map(|m| m.put("b", ContentHash)));
        });
        let refusal = doc.print(Format::Yaml, &mut Vec::new()).unwrap_err();
        assert_eq!((refusal.pointer.as_str(), refusal.reason), ("/a/b", Reason::ContentHash));
    }
    doc.clear();
    doc.lines(|l| l.block("Unit", |l| l.line(("Description", ContentHash))));
    assert_eq!(doc.print(Format::Systemd, &mut Vec::new()).unwrap_err().reason, Reason::ContentHash);
}

#[test]
fn an_artifact_begins_anew() {
    let mut artifact = Artifact::new();
    artifact.begin(
        path("hosts/dc-a/a-m1/rootfs/etc/kubernetes/join.yaml"),
        "kubeadm-join",
        Target::Host("a-m1".into()),
    );
    artifact.mode = Mode::PRIVATE;
    artifact.on_change.push(OnChange::Restart("kubelet".into()));
    artifact.doc(Format::Yaml).map(|m| m.put("a", 1));
    artifact.doc(Format::Yaml).map(|m| m.put("b", 2));
    assert_eq!(print(&artifact), "a: 1\n---\nb: 2\n");
    assert_eq!(artifact.docs().len(), 2);

    artifact.begin(path("ansible/site.yml"), "ansible-playbook", Target::Platform);
    assert_eq!((artifact.mode, artifact.owner), (Mode::FILE, Owner::ROOT));
    assert!(artifact.on_change.is_empty());
    assert_eq!(print(&artifact), "");
    artifact.doc(Format::Yaml).seq(|s| s.put("only"));
    assert_eq!(print(&artifact), "- only\n");
    assert_eq!(artifact.docs().len(), 1);

    artifact.begin(
        path("hosts/dc-a/a-m1/rootfs/etc/keepalived/check.sh"),
        "script",
        Target::Host("a-m1".into()),
    );
    artifact.text("#!/bin/sh\nexit 0\n");
    artifact.mode = Mode::SCRIPT;
    assert_eq!(print(&artifact), "#!/bin/sh\nexit 0\n");
    assert_eq!(artifact.fixed_text(), Some("#!/bin/sh\nexit 0\n"));
    assert!(artifact.docs().is_empty());
}

#[test]
fn an_outline_has_all_but_what_is_embedded_and_cannot_be_printed() {
    let mut artifact = Artifact::new();
    let emit = |artifact: &mut Artifact| {
        artifact.doc(Format::Yaml).map(|m| {
            m.put("name", "CONFIG");
            m.embed("value", Format::Yaml, Guard::EnvValue, |doc| doc.map(|m| m.put("a", 1)));
            m.put("last", true);
        });
    };
    let keys = |artifact: &Artifact| {
        let root = artifact.docs()[0].root().unwrap();
        let shown = |(key, node): (&str, Node<'_>)| format!("{key} {:?}", node.embedded().is_some());
        root.entries().map(shown).collect::<Vec<_>>()
    };
    artifact.begin(path("a.yaml"), "kubernetes-objects", Target::Platform);
    artifact.outline();
    emit(&mut artifact);
    assert_eq!(keys(&artifact), ["name false", "value false", "last false"]);
    let refusal = artifact.print(&mut Vec::new(), sha256).unwrap_err();
    assert_eq!((refusal.refusal.pointer.as_str(), refusal.refusal.reason), ("/value", Reason::NoRoot));
    // The next one is whole again.
    artifact.begin(path("a.yaml"), "kubernetes-objects", Target::Platform);
    emit(&mut artifact);
    assert_eq!(keys(&artifact), ["name false", "value true", "last false"]);
    assert_eq!(print(&artifact), "name: CONFIG\nvalue: |\n  a: 1\nlast: true\n");
}

#[test]
fn only_yaml_has_streams_and_a_refusal_names_the_document() {
    let mut artifact = Artifact::new();
    artifact.begin(path("a.json"), "json", Target::Platform);
    artifact.doc(Format::Json).map(|m| m.put("a", 1));
    artifact.doc(Format::Json).map(|m| m.put("b", 2));
    let mut out = b"before".to_vec();
    let refusal = artifact.print(&mut out, sha256).unwrap_err();
    assert_eq!(out, b"before");
    assert_eq!((refusal.doc, refusal.refusal.reason), (1, Reason::NoStream));
    assert_eq!(
        refusal.to_string(),
        "document 2: `the document` cannot be written as json: the format holds one document"
    );
}

#[test]
fn a_manifest_line_can_be_made_of_it() {
    assert_eq!(Mode::FILE.to_string(), "0644");
    assert_eq!(Mode::new(0o640).map(|mode| mode.to_string()).as_deref(), Some("0640"));
    assert_eq!(Mode::new(0o4755), None);
    assert_eq!(Owner::ROOT.to_string(), "root:root");
    let actions = [
        OnChange::Restart("kubelet".into()),
        OnChange::Reload("haproxy".into()),
        OnChange::Run("sysctl --system"),
        OnChange::Reboot,
    ];
    let shown = actions.map(|action| action.to_string());
    assert_eq!(shown, ["restart:kubelet", "reload:haproxy", "run:sysctl --system", "reboot"]);
    let target = Target::Host("a-m1".into());
    assert_eq!((target.word(), target.name()), ("host", Some("a-m1")));
    assert_eq!((Target::Platform.word(), Target::Platform.name()), ("platform", None));
}
