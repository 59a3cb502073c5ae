//! What goes along with a question: images and files are kept by the engine, which finds out what they are; files of text can be
//! made to fit.

use roundtable_engine::view::AttachmentKind;
use roundtable_engine::{AskTarget, Document, Engine, PackedDocument};

use crate::arguments::Along;
use crate::failure::Failure;
use crate::prompt;

/// What is kept, in the order it is sent.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) ids: Vec<String>,
    /// What was cut or left out, for people.
    pub(super) notices: Vec<String>,
}

/// Keeps what goes along. Texts are counted as the first target reads them.
pub(super) async fn keep(engine: &Engine, along: &Along, targets: &[AskTarget]) -> Result<Kept, Failure> {
    let mut kept = Kept::default();
    for path in &along.images {
        let (name, bytes) = prompt::file(path)?;
        let view = engine.add_attachment(&name, bytes).await?;
        if view.kind != AttachmentKind::Image {
            let shown = path.display();
            return Err(Failure::Usage(format!("{shown} is not a PNG, JPEG, GIF or WebP image")));
        }
        kept.ids.push(view.id);
    }
    let mut documents = Vec::new();
    for path in &along.files {
        let (name, bytes) = prompt::file(path)?;
        match (along.fit, as_text(bytes)) {
            (Some(_), Ok(text)) => documents.push(Document { name, text }),
            (None, Ok(text)) => kept.ids.push(engine.add_attachment(&name, text.into_bytes()).await?.id),
            (_, Err(bytes)) => kept.ids.push(engine.add_attachment(&name, bytes).await?.id),
        }
    }
    if let Some(limit) = along.fit {
        pack(engine, documents, limit, targets, &mut kept).await?;
    }
    Ok(kept)
}

fn as_text(bytes: Vec<u8>) -> Result<String, Vec<u8>> {
    if bytes.starts_with(b"%PDF-") {
        return Err(bytes);
    }
    String::from_utf8(bytes).map_err(std::string::FromUtf8Error::into_bytes)
}

async fn pack(
    engine: &Engine,
    documents: Vec<Document>,
    limit: u64,
    targets: &[AskTarget],
    kept: &mut Kept,
) -> Result<(), Failure> {
    let target = match targets.first() {
        Some(AskTarget::Named(target)) => target.as_str(),
        // A server that is not set up here has no tokenizer that is known.
        Some(AskTarget::Unsaved(_)) | None => "",
    };
    let mut names: Vec<String> = documents.iter().map(|document| document.name.clone()).collect();
    for PackedDocument { name, text, tokens, cut } in engine.pack_documents(target, documents, limit).await {
        if let Some(at) = names.iter().position(|left| *left == name) {
            names.remove(at);
        }
        if cut {
            kept.notices
                .push(format!("Of “{name}” the first {tokens} tokens go along; the rest does not fit."));
        }
        kept.ids.push(engine.add_attachment(&name, text.into_bytes()).await?.id);
    }
    kept.notices.extend(names.iter().map(|name| format!("“{name}” does not fit and is left out.")));
    Ok(())
}
