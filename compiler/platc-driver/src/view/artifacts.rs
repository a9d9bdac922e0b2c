//! [`ArtifactView`]: the model, and behind it the files that would be delivered, a node for each document.
//!
//! The kind of a document is what it calls itself (`Deployment`, `KubeletConfiguration`), else what sort of
//! file it is in (`systemd-unit`, `routes`); its name is that of the object, else the file's path; it is part
//! of what it was made for. Documents are not kept: each is written once for this list and again when
//! somebody asks, because writing is a pure function of the plan. A few are remembered, because who asks
//! for one value of a document mostly asks for the next one too.
//!
//! Start with [`ArtifactView::new`].

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use platc_artifact::view::{NodeId, Pointer, Value, View};
use platc_artifact::{self as doc, Artifact, Doc, DocRefusal};
use platc_diag::Span;
use platc_emit::{Emitter, Job, Subject};
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use super::model::{ModelView, kind_of};
use crate::emission::emit;

/// Files that are remembered. A policy asks for documents in order, and few policies ask at once.
const REMEMBERED: usize = 16;

/// The model and the files of a platform as judges see them.
pub struct ArtifactView {
    model: Arc<ModelView>,
    jobs: Vec<(&'static dyn Emitter, Job)>,
    documents: Vec<Document>,
    kinds: BTreeMap<String, Vec<NodeId>>,
    children: BTreeMap<NodeId, Vec<NodeId>>,
    all: Vec<NodeId>,
    digest: [u8; 32],
    recent: Mutex<VecDeque<(usize, Arc<Artifact>)>>,
}

/// A document of a file, or a file that is plain text.
struct Document {
    job: usize,
    /// Which of the file's documents; `None` for plain text.
    nth: Option<usize>,
    kind: String,
    name: String,
    parent: Option<NodeId>,
}

/// What was learnt from writing a file once.
struct Written {
    documents: Vec<Document>,
    digest: [u8; 32],
}

impl ArtifactView {
    /// What judges see of the files of a platform. Only documents of `kinds` become nodes, or all for `""`.
    ///
    /// # Errors
    ///
    /// If a format cannot say what an emitter wants: the file's path, and what.
    pub fn new(model: Arc<ModelView>, kinds: &[String]) -> Result<Self, (String, DocRefusal)> {
        let jobs = platc_emit::jobs(model.plan());
        Self::of_jobs(model, jobs, kinds)
    }

    /// The same for some files.
    fn of_jobs(
        model: Arc<ModelView>,
        jobs: Vec<(&'static dyn Emitter, Job)>,
        kinds: &[String],
    ) -> Result<Self, (String, DocRefusal)> {
        let written = jobs
            .par_iter()
            .enumerate()
            .map(|(number, (emitter, job))| {
                write(&model, *emitter, number, job)
                    .map_err(|refusal| (job.path.as_str().to_owned(), refusal))
            })
            .collect::<Result<Vec<Written>, _>>()?;
        let mut hasher = Sha256::new();
        hasher.update(model.digest());
        let mut documents = Vec::new();
        for file in written {
            hasher.update(file.digest);
            let wanted = |own: &Document| kinds.iter().any(|kind| kind.is_empty() || *kind == own.kind);
            documents.extend(file.documents.into_iter().filter(wanted));
        }
        let mut view = Self {
            all: Vec::new(),
            digest: hasher.finalize().into(),
            model,
            jobs,
            documents,
            kinds: BTreeMap::new(),
            children: BTreeMap::new(),
            recent: Mutex::default(),
        };
        view.number();
        Ok(view)
    }

    fn number(&mut self) {
        let first = self.model.node_count();
        for (number, document) in (first..).zip(&self.documents) {
            self.kinds.entry(document.kind.clone()).or_default().push(NodeId(number));
            if let Some(parent) = document.parent {
                self.children.entry(parent).or_default().push(NodeId(number));
            }
        }
        let count = u32::try_from(self.documents.len()).unwrap_or(u32::MAX);
        self.all = (0..first.saturating_add(count)).map(NodeId).collect();
    }

    fn document(&self, node: NodeId) -> Option<&Document> {
        let at = node.0.checked_sub(self.model.node_count())?;
        self.documents.get(at as usize)
    }

    fn artifact(&self, number: usize) -> Option<Arc<Artifact>> {
        let known = |recent: &VecDeque<(usize, Arc<Artifact>)>| {
            recent.iter().find(|(own, _)| *own == number).map(|(_, artifact)| Arc::clone(artifact))
        };
        if let Some(known) = known(&self.recent.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Some(known);
        }
        let (emitter, job) = self.jobs.get(number)?;
        let mut artifact = Artifact::new();
        artifact.begin(job.path.clone(), job.kind, job.target.clone());
        emitter.emit(self.model.plan(), job, &mut artifact);
        let artifact = Arc::new(artifact);
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() >= REMEMBERED {
            recent.pop_front();
        }
        recent.push_back((number, Arc::clone(&artifact)));
        Some(artifact)
    }

    /// What `look` finds in a document.
    fn look<T>(&self, document: &Document, look: impl FnOnce(&Doc) -> Option<T>) -> Option<T> {
        let artifact = self.artifact(document.job)?;
        look(artifact.docs().get(document.nth?)?)
    }
}

fn write(model: &ModelView, emitter: &dyn Emitter, number: usize, job: &Job) -> Result<Written, DocRefusal> {
    let emitted = emit(model.plan(), emitter, job)?;
    let parent = subject(model, job.subject);
    let named = |nth: Option<usize>, kind: Option<&str>, name: Option<&str>| Document {
        job: number,
        nth,
        kind: kind.unwrap_or(job.kind).to_owned(),
        name: name.unwrap_or(job.path.as_str()).to_owned(),
        parent,
    };
    let text = |doc: &'_ Doc, pointer: &str| doc.get(pointer).and_then(doc::Node::as_str).map(str::to_owned);
    let mut documents: Vec<Document> = Vec::new();
    for (nth, doc) in emitted.artifact.docs().iter().enumerate() {
        let kind = text(doc, "/kind").filter(|_| doc.get("/apiVersion").is_some());
        let name = text(doc, "/metadata/name").filter(|_| kind.is_some());
        documents.push(named(Some(nth), kind.as_deref(), name.as_deref()));
    }
    if documents.is_empty() {
        documents.push(named(None, None, None));
    }
    let mut hasher = Sha256::new();
    hasher.update(format!("\nfile {:?} {} {}\n", job.path.as_str(), job.kind, emitted.bytes.len()));
    hasher.update(&emitted.bytes);
    Ok(Written { documents, digest: hasher.finalize().into() })
}

/// The node that a file was made for.
fn subject(model: &ModelView, subject: Subject) -> Option<NodeId> {
    let plan = model.plan();
    match subject {
        Subject::Platform => model.find("platform", 0, None),
        Subject::Cluster(id) => model.find("cluster", id.index(), None),
        Subject::Host(id) => model.find("host", id.index(), None),
        Subject::Workload(at) => {
            let workload = plan.workloads.get(at)?;
            let kind = kind_of(&workload.shape);
            model.at_cluster(kind, &workload.name, workload.cluster.index())
        }
        Subject::Namespace(at) => {
            let namespace = plan.namespaces.get(at)?;
            model.at_cluster("namespace", &namespace.name, namespace.cluster.index())
        }
        Subject::Balancer(at) => model.lookup("balancer", &plan.balancers.get(at)?.name),
        Subject::Raw(id, cluster) => {
            model.at_cluster("raw", &plan.model.raws.at(id).head.name, cluster.index())
        }
    }
}

fn value(found: doc::Node<'_>) -> Value<'static> {
    match found.value() {
        doc::Value::Text(text) => Value::Str(Cow::Owned(text.to_owned())),
        doc::Value::Bool(truth) => Value::Bool(truth),
        doc::Value::Int(number) => Value::Int(number),
        doc::Value::Uint(number) => match i64::try_from(number) {
            Ok(number) => Value::Int(number),
            Err(_) => Value::Json(Cow::Owned(number.to_string())),
        },
        _ => {
            let mut json = String::new();
            found.write_json(&mut json);
            Value::Json(Cow::Owned(json))
        }
    }
}

impl View for ArtifactView {
    fn model_version(&self) -> &str {
        self.model.model_version()
    }

    fn node_count(&self) -> u32 {
        u32::try_from(self.all.len()).unwrap_or(u32::MAX)
    }

    fn kind(&self, node: NodeId) -> &str {
        self.document(node).map_or_else(|| self.model.kind(node), |document| &document.kind)
    }

    fn name(&self, node: NodeId) -> &str {
        self.document(node).map_or_else(|| self.model.name(node), |document| &document.name)
    }

    fn parent(&self, node: NodeId) -> Option<NodeId> {
        match self.document(node) {
            Some(document) => document.parent,
            None => self.model.parent(node),
        }
    }

    fn nodes(&self, kind: &str) -> Cow<'_, [NodeId]> {
        if kind.is_empty() {
            return Cow::Borrowed(&self.all);
        }
        match self.kinds.get(kind) {
            Some(documents) => Cow::Borrowed(documents),
            None => self.model.nodes(kind),
        }
    }

    fn children(&self, node: NodeId, kind: &str) -> Cow<'_, [NodeId]> {
        let mut children = self.model.children(node, kind).into_owned();
        let documents = self.children.get(&node).into_iter().flatten().copied();
        children.extend(documents.filter(|own| kind.is_empty() || self.kind(*own) == kind));
        Cow::Owned(children)
    }

    fn links(&self, node: NodeId, relation: &str) -> Cow<'_, [NodeId]> {
        self.model.links(node, relation)
    }

    fn lookup(&self, kind: &str, name: &str) -> Option<NodeId> {
        let documents = self.kinds.get(kind).into_iter().flatten().copied();
        let mut named = documents.filter(|own| self.name(*own) == name);
        named.next().or_else(|| self.model.lookup(kind, name))
    }

    fn value(&self, node: NodeId, pointer: Pointer<'_>) -> Option<Value<'_>> {
        match self.document(node) {
            Some(document) => self.look(document, |doc| doc.get(pointer.as_str()).map(value)),
            None => self.model.value(node, pointer),
        }
    }

    fn text(&self, node: NodeId) -> Option<Cow<'_, str>> {
        let (emitter, job) = self.jobs.get(self.document(node)?.job)?;
        let emitted = emit(self.model.plan(), *emitter, job).ok()?;
        String::from_utf8(emitted.bytes).ok().map(Cow::Owned)
    }

    fn span(&self, node: NodeId, pointer: Pointer<'_>) -> Option<Span> {
        match self.document(node) {
            Some(document) => self.look(document, |doc| doc.origin_at(pointer.as_str()).span()),
            None => self.model.span(node, pointer),
        }
    }

    fn platform_span(&self) -> Span {
        self.model.platform_span()
    }

    fn literal(&self, node: NodeId, pointer: Pointer<'_>) -> Option<Span> {
        self.model.literal(node, pointer)
    }

    fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// What a document was made for: `allow … on=NAME` names declarations, nobody wrote the name of an object.
    fn subject(&self, node: NodeId) -> Option<&str> {
        match self.document(node) {
            Some(document) => self.model.subject(document.parent?),
            None => self.model.subject(node),
        }
    }
}

impl std::fmt::Debug for ArtifactView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ArtifactView of {} files", self.jobs.len())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use platc_artifact::{ArtifactPath, Format, Target};
    use platc_plan::Plan;

    use super::*;
    use crate::analysis::{AnalysisOptions, analyse};
    use crate::world::Memory;

    /// Two objects in one file for a workload, and a script for the platform.
    struct TwoFiles;

    impl Emitter for TwoFiles {
        fn name(&self) -> &'static str {
            "two-files"
        }

        fn jobs(&self, _: &Plan) -> Vec<Job> {
            let job = |path: &str, kind, subject| Job {
                path: ArtifactPath::parse(path).expect("a path"),
                kind,
                target: Target::Platform,
                subject,
            };
            vec![job("web.yaml", "objects", Subject::Workload(0)), job("run", "script", Subject::Platform)]
        }

        fn emit(&self, plan: &Plan, job: &Job, artifact: &mut Artifact) {
            if job.kind == "script" {
                artifact.text("#!/bin/sh\n");
                return;
            }
            let workload = &plan.workloads[0];
            for (kind, name) in [("Deployment", "web-a"), ("Service", "web")] {
                artifact.doc(Format::Yaml).map(|m| {
                    m.put("apiVersion", "v1");
                    m.put("kind", kind);
                    m.map("metadata", |m| m.put("name", name));
                    m.map("spec", |m| {
                        m.put("cpu", workload.app.cpu_request.as_ref().map(ToString::to_string));
                    });
                });
            }
        }
    }

    static TWO_FILES: TwoFiles = TwoFiles;

    fn view(cpu: &str, kinds: &[&str]) -> (Arc<ModelView>, ArtifactView) {
        let mut world = Memory::default();
        let base = include_str!("../../tests/base.kdl").replace("500m", cpu);
        world.insert("p/platform.kdl", base);
        let analysis = analyse(&world, Path::new("p"), AnalysisOptions::default());
        let model = Arc::new(ModelView::new(&analysis));
        let jobs = TWO_FILES.jobs(&analysis.plan);
        let jobs = jobs.into_iter().map(|job| (&TWO_FILES as &dyn Emitter, job)).collect();
        let kinds: Vec<String> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
        let view = ArtifactView::of_jobs(Arc::clone(&model), jobs, &kinds).expect("YAML can say it");
        (model, view)
    }

    #[test]
    fn a_document_is_a_node_of_what_it_was_made_for() {
        let (model, view) = view("500m", &["Deployment", "script"]);
        let [deployment] = *view.nodes("Deployment") else { panic!("one Deployment") };
        assert_eq!(deployment.0, model.node_count(), "documents come behind the model");
        assert_eq!(view.name(deployment), "web-a");
        assert_eq!(view.subject(deployment), Some("web"), "that is what `allow … on=` names");
        let pointer = Pointer::parse("/spec/cpu").expect("a pointer");
        assert_eq!(view.value(deployment, pointer), Some(Value::Str("500m".into())));
        assert!(view.text(deployment).is_some_and(|text| text.contains("kind: Service")), "the whole file");
        assert!(view.nodes("Service").is_empty(), "nobody asks for it");
        let web = view.lookup("service", "web").expect("the model is there too");
        assert_eq!(view.children(web, "Deployment"), vec![deployment]);
        let [script] = *view.nodes("script") else { panic!("one script") };
        assert_eq!((view.name(script), view.text(script).as_deref()), ("run", Some("#!/bin/sh\n")));
    }

    #[test]
    fn a_value_of_a_document_leads_to_the_line_that_it_was_made_from() {
        let (model, view) = view("500m", &["Deployment"]);
        let [deployment] = *view.nodes("Deployment") else { panic!("one Deployment") };
        let place =
            |view: &dyn View, node, pointer| view.origin(node, Pointer::parse(pointer).expect("a pointer"));
        let web = model.lookup("service", "web").expect("web");
        assert_eq!(place(&view, deployment, "/spec/cpu"), place(&*model, web, "/cpu/both"));
    }

    #[test]
    fn the_digest_follows_the_files() {
        let digest = |cpu| view(cpu, &["Deployment"]).1.digest();
        assert_eq!(digest("500m"), digest("500m"));
        assert_ne!(digest("500m"), digest("600m"));
    }
}
