//! What a budget counts, found among the things there are: a scope that names nothing would count nothing for ever, and whoever wrote
//! it would rely on a limit that holds nothing.

use roundtable_domain::ModelRef;
use roundtable_domain::budget::{Scope, ScopeError};
use roundtable_providers::dialects;
use roundtable_router::route::nearest;
use roundtable_store::{BudgetRow, Source, StoreError};

use super::draft::{scope_of, shown_scope};
use super::error::BudgetError;
use crate::conversations::in_one_line;
use crate::directory::{CUSTOM, DEMO, Directory};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::keys::id_of_variable;
use crate::view::{AppError, BudgetScope, BudgetScopeKind};

/// So many names are told to whoever wrote none of them.
const MOST_TOLD: usize = 8;

/// Something a budget can count.
struct Named {
    /// In the books' words.
    booked: String,
    /// What people may write instead, the usual one first.
    written: Vec<String>,
}

impl Named {
    fn plain(name: impl Into<String>) -> Self {
        Self { booked: name.into(), written: Vec::new() }
    }

    fn is_called(&self, name: &str) -> bool {
        let same = |known: &String| known.to_lowercase() == name.to_lowercase();
        same(&self.booked) || self.written.iter().any(same)
    }

    fn told(&self) -> &str {
        self.written.first().unwrap_or(&self.booked)
    }
}

impl Engine {
    /// What is meant by a scope, in the books' words: names are found whatever their capitals, providers and keys also by what people
    /// call them. What a budget counts already is found as well when it is gone. The error says what comes near.
    pub async fn find_scope(&self, scope: BudgetScope) -> Result<BudgetScope, AppError> {
        let rows = self.inner.store.budgets().list().await.map_err(EngineError::from)?;
        Ok(shown_scope(&self.known_scope(&scope, &rows).await?))
    }

    pub(super) async fn known_scope(
        &self,
        written: &BudgetScope,
        rows: &[BudgetRow],
    ) -> Result<Scope, EngineError> {
        let name = written.name.as_deref().map(in_one_line).filter(|name| !name.is_empty());
        let Some(name) = name.filter(|_| written.kind != BudgetScopeKind::Everything) else {
            return Ok(scope_of(written)?);
        };
        let as_written = scope_of(&BudgetScope { kind: written.kind, name: Some(name.clone()) });
        if let Ok(scope) = &as_written
            && rows.iter().any(|row| row.budget.scope == *scope)
        {
            return Ok(scope.clone());
        }
        Ok(match written.kind {
            BudgetScopeKind::Everything => Scope::Everything,
            BudgetScopeKind::Provider => Scope::Provider(provider_of(&self.directory().await?, &name)?),
            BudgetScopeKind::Model => Scope::Model(self.model_meant(&name).await?),
            BudgetScopeKind::Key => self.key_meant(&name).await?,
            BudgetScopeKind::Conversation => self.conversation_meant(as_written?, &name).await?,
            BudgetScopeKind::Source => {
                let known: Vec<Named> =
                    Source::ALL.iter().map(|source| Named::plain(source.as_str())).collect();
                Scope::Source(meant(&name, &known).ok_or_else(|| unknown("source", &name, &known))?)
            }
            BudgetScopeKind::Folder => {
                let known = self.inner.store.conversations().names_in_use().await?.folders;
                Scope::Folder(filed(name, known))
            }
            BudgetScopeKind::Tag => {
                let known = self.inner.store.conversations().names_in_use().await?.tags;
                Scope::Tag(filed(name, known))
            }
        })
    }

    /// A model need not be listed: lists are old, and some servers have none. Its provider has to be known.
    async fn model_meant(&self, name: &str) -> Result<String, EngineError> {
        let directory = self.directory().await?;
        let Ok(written) = name.parse::<ModelRef>() else {
            return Err(self.model_without_provider(&directory, name).await?.into());
        };
        let provider = provider_of(&directory, &written.provider)?;
        let listed = match directory.find(&provider) {
            Some(setup) => self.chat_models(&setup).await?,
            None => Vec::new(),
        };
        let known: Vec<Named> = listed.into_iter().map(Named::plain).collect();
        let model = meant(&written.model, &known).unwrap_or(written.model);
        Ok(format!("{provider}/{model}"))
    }

    async fn model_without_provider(
        &self,
        directory: &Directory,
        name: &str,
    ) -> Result<BudgetError, EngineError> {
        for setup in directory.setups().iter().cloned().chain(directory.find(DEMO)) {
            let models = self.chat_models(&setup).await?;
            if let Some(model) = nearest(name, models.iter().map(String::as_str)) {
                let near = format!("; did you mean \"{}/{model}\"?", setup.id);
                return Ok(BudgetError::Unknown { kind: "model", name: name.to_owned(), near });
            }
        }
        Ok(BudgetError::Target(name.to_owned()))
    }

    async fn key_meant(&self, name: &str) -> Result<Scope, EngineError> {
        let stored = self.inner.store.keys().list(None).await?;
        let mut known: Vec<Named> = stored
            .into_iter()
            .map(|key| Named {
                booked: key.id.to_string(),
                written: [key.label, key.mask].into_iter().filter(|name| !name.is_empty()).collect(),
            })
            .collect();
        let variables = dialects().iter().flat_map(|dialect| dialect.env);
        let environment = variables.map(|variable| Named {
            booked: id_of_variable(variable).to_string(),
            written: vec![format!("env:{variable}"), (*variable).to_owned()],
        });
        let is_variable = name.to_lowercase().starts_with("env:");
        if is_variable {
            known = environment.collect();
        } else {
            known.extend(environment);
        }
        let booked = meant(name, &known).ok_or_else(|| unknown("key", name, &known))?;
        Ok(Scope::from_words("key", Some(&booked)).map_err(BudgetError::from)?)
    }

    async fn conversation_meant(&self, scope: Scope, name: &str) -> Result<Scope, EngineError> {
        let Scope::Conversation(id) = scope else {
            let name = name.to_owned();
            return Err(BudgetError::from(ScopeError::Id { kind: "conversation", name }).into());
        };
        match self.inner.store.conversations().get(id).await {
            Ok(_) => Ok(Scope::Conversation(id)),
            Err(StoreError::NotFound { .. }) => {
                let (kind, near) = ("conversation", String::new());
                Err(BudgetError::Unknown { kind, name: name.to_owned(), near }.into())
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// A provider that is set up here, or one whose name is known: a limit may be set before the first key.
fn provider_of(directory: &Directory, name: &str) -> Result<String, BudgetError> {
    let here: Vec<Named> = directory
        .setups()
        .iter()
        .cloned()
        .chain(directory.find(DEMO))
        .map(|setup| Named { booked: setup.id, written: vec![setup.name] })
        .collect();
    if let Some(provider) = meant(name, &here) {
        return Ok(provider);
    }
    let elsewhere: Vec<Named> = dialects()
        .iter()
        .filter(|dialect| dialect.id != CUSTOM)
        .map(|dialect| Named { booked: dialect.id.to_owned(), written: vec![dialect.name.to_owned()] })
        .collect();
    let ids = |known: &[Named]| known.iter().map(|one| Named::plain(&one.booked)).collect::<Vec<_>>();
    meant(name, &elsewhere).ok_or_else(|| {
        let (here, elsewhere) = (ids(&here), ids(&elsewhere));
        let near =
            near_alone(name, &here).or_else(|| near_alone(name, &elsewhere)).or_else(|| near(name, &here));
        BudgetError::Unknown { kind: "provider", name: name.to_owned(), near: near.unwrap_or_default() }
    })
}

/// A folder or a tag: one that is in use whatever its capitals, else as it is written, for what will be filed there.
fn filed(name: String, in_use: Vec<String>) -> String {
    if in_use.contains(&name) {
        return name;
    }
    let known: Vec<Named> = in_use.into_iter().map(Named::plain).collect();
    meant(&name, &known).unwrap_or(name)
}

/// The one that is called so; `None`: none is, or several are.
fn meant(name: &str, known: &[Named]) -> Option<String> {
    if let Some(exact) = known.iter().find(|one| one.booked == name) {
        return Some(exact.booked.clone());
    }
    let mut called: Vec<&str> =
        known.iter().filter(|one| one.is_called(name)).map(|one| one.booked.as_str()).collect();
    called.dedup();
    match called.as_slice() {
        [one] => Some((*one).to_owned()),
        _ => None,
    }
}

fn unknown(kind: &'static str, name: &str, known: &[Named]) -> BudgetError {
    let several = known.iter().filter(|one| one.is_called(name)).count() > 1;
    let near = if several { "; several are called so, name one by its id".to_owned() } else { String::new() };
    let near = if several { near } else { self::near(name, known).unwrap_or_default() };
    BudgetError::Unknown { kind, name: name.to_owned(), near }
}

/// What comes near, else what there is, as the end of a sentence; `None`: there is nothing.
fn near(name: &str, known: &[Named]) -> Option<String> {
    near_alone(name, known).or_else(|| {
        let told: Vec<&str> = known.iter().map(Named::told).take(MOST_TOLD).collect();
        (!told.is_empty()).then(|| format!("; there are {}", told.join(", ")))
    })
}

fn near_alone(name: &str, known: &[Named]) -> Option<String> {
    let one = nearest(name, known.iter().map(Named::told))?;
    Some(format!("; did you mean \"{one}\"?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<Named> {
        let named =
            |booked: &str, label: &str| Named { booked: booked.to_owned(), written: vec![label.to_owned()] };
        vec![named("openai", "OpenAI"), named("k1", "work"), named("k2", "work"), named("Work", "w")]
    }

    #[test]
    fn a_name_is_found_whatever_its_capitals_and_never_guessed_among_several() {
        assert_eq!(meant("OpenAI", &known()).as_deref(), Some("openai"));
        assert_eq!(meant("K1", &known()).as_deref(), Some("k1"));
        assert_eq!(meant("Work", &known()).as_deref(), Some("Work"), "the very name goes before labels");
        assert_eq!(meant("work", &known()), None);
        assert!(unknown("key", "work", &known()).to_string().contains("several"));
        assert_eq!(meant("mistral", &known()), None);
    }

    #[test]
    fn a_folder_in_use_is_meant_by_its_name_in_other_capitals_and_a_new_one_stays_as_it_is() {
        let in_use = || vec!["Work".to_owned(), "Home".to_owned()];
        assert_eq!(filed("work".to_owned(), in_use()), "Work");
        assert_eq!(filed("Wrok".to_owned(), in_use()), "Wrok");
        let both = vec!["Work".to_owned(), "work".to_owned()];
        assert_eq!(filed("work".to_owned(), both), "work");
    }

    #[test]
    fn what_is_refused_comes_with_what_is_near_or_there() {
        assert!(unknown("source", "chats", &[Named::plain("chat")]).to_string().contains("mean \"chat\""));
        let told = unknown("source", "lunch", &[Named::plain("chat"), Named::plain("cli")]).to_string();
        assert!(told.ends_with("there are chat, cli"), "{told}");
    }
}
