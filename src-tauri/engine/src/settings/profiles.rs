//! Profiles: named sets of values for a way of working, one of them in use.
//!
//! Three are built in. A changed one is kept beside them under the same id, so that removing it brings the first form back.

use roundtable_domain::{Params, ReasoningEffort, Timeouts};
use serde::{Deserialize, Serialize};

use super::limits::check_anywhere;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::providers::slug;
use crate::view::{AppError, Profile};

/// Where they stand among the settings.
const SETTING: &str = "profiles";

/// The one in use until another is chosen. It says nothing: the other layers and the provider decide.
const USUAL: &str = "balanced";

/// More than this is a list nobody finds anything in.
const MOST: usize = 50;

/// The longest name, in characters.
const LONGEST_NAME: usize = 60;

/// The longest description, in characters.
const LONGEST_DESCRIPTION: usize = 300;

/// What is kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Profiles {
    /// The id of the one in use; the usual one when it is not among them.
    active: Option<String>,
    /// Changed built-in ones and those the user has added, in the order they were.
    own: Vec<Kept>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Kept {
    id: String,
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    params: Params,
    #[serde(default)]
    timeouts: Timeouts,
}

fn built_in() -> [Kept; 3] {
    [
        Kept {
            id: "draft".to_owned(),
            name: "Draft".to_owned(),
            description: "Short and quick: little thinking, answers of a page or two, no long waits."
                .to_owned(),
            params: Params {
                max_tokens: Some(2_048),
                reasoning_effort: Some(ReasoningEffort::Low),
                ..Params::default()
            },
            timeouts: Timeouts {
                first_delta_ms: Some(60_000),
                idle_ms: Some(30_000),
                total_ms: Some(180_000),
                ..Timeouts::default()
            },
        },
        Kept {
            id: USUAL.to_owned(),
            name: "Balanced".to_owned(),
            description: "As each provider means it.".to_owned(),
            params: Params::default(),
            timeouts: Timeouts::default(),
        },
        Kept {
            id: "careful".to_owned(),
            name: "Careful".to_owned(),
            description: "Steady wording, a lot of thinking, and patience for it.".to_owned(),
            params: Params {
                temperature: Some(0.2),
                reasoning_effort: Some(ReasoningEffort::High),
                ..Params::default()
            },
            timeouts: Timeouts {
                first_delta_ms: Some(600_000),
                idle_ms: Some(180_000),
                total_ms: Some(1_800_000),
                ..Timeouts::default()
            },
        },
    ]
}

impl Profiles {
    /// The one in use: name, values.
    pub(crate) fn in_use(&self) -> (String, Params, Timeouts) {
        let kept = self.all().into_iter().find(|kept| kept.id == self.active_id());
        kept.map(|kept| (kept.name, kept.params, kept.timeouts)).unwrap_or_default()
    }

    /// A profile's name and values: of the one with this id, or of the one in use.
    pub(crate) fn values(&self, id: Option<&str>) -> Result<(String, Params, Timeouts), EngineError> {
        let Some(id) = id else { return Ok(self.in_use()) };
        let kept = self.all().into_iter().find(|kept| kept.id == id);
        let kept = kept.ok_or_else(|| EngineError::UnknownProfile(id.to_owned()))?;
        Ok((kept.name, kept.params, kept.timeouts))
    }

    fn active_id(&self) -> &str {
        let wanted = self.active.as_deref().unwrap_or(USUAL);
        let exists = is_built_in(wanted) || self.own.iter().any(|kept| kept.id == wanted);
        if exists { wanted } else { USUAL }
    }

    /// The built-in ones as they are now, then the others.
    fn all(&self) -> Vec<Kept> {
        let own = |id: &str| self.own.iter().find(|kept| kept.id == id).cloned();
        let mut all: Vec<Kept> = built_in().map(|kept| own(&kept.id).unwrap_or(kept)).into();
        all.extend(self.own.iter().filter(|kept| !is_built_in(&kept.id)).cloned());
        all
    }

    fn views(&self) -> Vec<Profile> {
        let active = self.active_id();
        let view = |kept: Kept| Profile {
            built_in: is_built_in(&kept.id),
            active: kept.id == active,
            id: kept.id,
            name: kept.name,
            description: kept.description,
            params: kept.params,
            timeouts: kept.timeouts,
        };
        self.all().into_iter().map(view).collect()
    }

    /// Adds or changes one.
    fn keep(&mut self, profile: Profile) -> Result<(), EngineError> {
        let name = profile.name.trim().to_owned();
        if name.is_empty() {
            return Err(EngineError::BadSetting("give the profile a name".to_owned()));
        }
        for (text, longest, what) in
            [(&name, LONGEST_NAME, "name"), (&profile.description, LONGEST_DESCRIPTION, "description")]
        {
            if text.chars().count() > longest {
                let problem = format!("the {what} of a profile has at most {longest} characters");
                return Err(EngineError::BadSetting(problem));
            }
        }
        check_anywhere(&profile.params, &profile.timeouts)?;
        let id = if profile.id.trim().is_empty() { self.free_id(&name) } else { slug(&profile.id) };
        let same_name = |kept: &Kept| kept.id != id && kept.name.to_lowercase() == name.to_lowercase();
        if self.all().iter().any(same_name) {
            return Err(EngineError::BadSetting(format!(
                "there is a profile “{name}” already; choose another name"
            )));
        }
        if profile.active {
            self.active = Some(id.clone());
        }
        let kept = Kept {
            id,
            name,
            description: profile.description.trim().to_owned(),
            params: profile.params,
            timeouts: profile.timeouts,
        };
        // Choosing a built-in one without changing it leaves nothing behind.
        let untouched = built_in().contains(&kept);
        match self.own.iter().position(|known| known.id == kept.id) {
            Some(at) if untouched => drop(self.own.remove(at)),
            Some(at) => {
                if let Some(known) = self.own.get_mut(at) {
                    *known = kept;
                }
            }
            None if untouched => {}
            None if self.own.len() >= MOST => {
                return Err(EngineError::BadSetting(format!(
                    "there are at most {MOST} profiles; remove one first"
                )));
            }
            None => self.own.push(kept),
        }
        Ok(())
    }

    /// An id that is not taken: names in other scripts all have the same short form.
    fn free_id(&self, name: &str) -> String {
        let wish = slug(name);
        let further = (2_u32..).map(|number| format!("{wish}-{number}"));
        std::iter::once(wish.clone()).chain(further).find(|id| !self.knows(id)).unwrap_or(wish)
    }

    fn knows(&self, id: &str) -> bool {
        is_built_in(id) || self.own.iter().any(|kept| kept.id == id)
    }

    /// Forgets one; a built-in one gets its first form back.
    fn forget(&mut self, id: &str) -> Result<(), EngineError> {
        if !self.knows(id) {
            return Err(EngineError::UnknownProfile(id.to_owned()));
        }
        self.own.retain(|kept| kept.id != id);
        Ok(())
    }
}

fn is_built_in(id: &str) -> bool {
    built_in().iter().any(|kept| kept.id == id)
}

impl Engine {
    pub(crate) async fn profiles(&self) -> Result<Profiles, EngineError> {
        let stored = self.inner.store.settings().get(SETTING).await?;
        Ok(stored.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default())
    }

    async fn keep_profiles(&self, profiles: &Profiles) -> Result<(), EngineError> {
        let value = serde_json::to_value(profiles)
            .map_err(|error| EngineError::BadSetting(format!("the profile cannot be kept: {error}")))?;
        Ok(self.inner.store.settings().set(SETTING, &value, self.inner.clock.now()).await?)
    }

    /// The profiles there are; exactly one is active.
    pub async fn list_profiles(&self) -> Result<Vec<Profile>, AppError> {
        Ok(self.profiles().await?.views())
    }

    /// Adds a profile (with an empty id) or changes one; `active` makes it the one in use. The active one stays so until
    /// another becomes it.
    pub async fn save_profile(&self, profile: Profile) -> Result<Vec<Profile>, AppError> {
        let mut profiles = self.profiles().await?;
        profiles.keep(profile)?;
        self.keep_profiles(&profiles).await?;
        Ok(profiles.views())
    }

    /// Removes a profile; a built-in one gets its first form back. The usual one takes over from one in use that goes.
    pub async fn remove_profile(&self, id: &str) -> Result<Vec<Profile>, AppError> {
        let mut profiles = self.profiles().await?;
        profiles.forget(id)?;
        self.keep_profiles(&profiles).await?;
        Ok(profiles.views())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(name: &str) -> Profile {
        Profile {
            id: String::new(),
            name: name.to_owned(),
            description: String::new(),
            params: Params { temperature: Some(0.9), ..Params::default() },
            timeouts: Timeouts::default(),
            built_in: false,
            active: false,
        }
    }

    fn by_id(profiles: &Profiles, id: &str) -> Profile {
        profiles.views().into_iter().find(|profile| profile.id == id).unwrap()
    }

    #[test]
    fn the_usual_profile_says_nothing_and_is_in_use_until_another_is_chosen() {
        let mut profiles = Profiles::default();
        assert_eq!(profiles.in_use(), ("Balanced".to_owned(), Params::default(), Timeouts::default()));
        profiles.keep(Profile { active: true, ..by_id(&profiles, "draft") }).unwrap();
        assert_eq!(profiles.in_use().1.max_tokens, Some(2_048));
        assert!(profiles.own.is_empty(), "an unchanged built-in profile leaves nothing behind");
        assert_eq!(profiles.views().iter().filter(|profile| profile.active).count(), 1);
    }

    #[test]
    fn another_profile_than_the_one_in_use_is_found_by_its_id() {
        let profiles = Profiles::default();
        assert_eq!(profiles.values(None).unwrap(), profiles.in_use());
        assert_eq!(profiles.values(Some("draft")).unwrap().1.max_tokens, Some(2_048));
        assert!(matches!(profiles.values(Some("nobody")), Err(EngineError::UnknownProfile(_))));
    }

    #[test]
    fn a_changed_built_in_profile_gets_its_first_form_back_when_it_is_removed() {
        let mut profiles = Profiles::default();
        let first = by_id(&profiles, "careful");
        profiles.keep(Profile { name: "Slow".to_owned(), ..first.clone() }).unwrap();
        assert_eq!(by_id(&profiles, "careful").name, "Slow");
        profiles.forget("careful").unwrap();
        assert_eq!(by_id(&profiles, "careful"), first);
    }

    #[test]
    fn an_own_profile_comes_and_goes_and_leaves_the_usual_one_in_use() {
        let mut profiles = Profiles::default();
        profiles.keep(Profile { active: true, ..new("Wild ideas") }).unwrap();
        assert_eq!((profiles.in_use().0.as_str(), profiles.views().len()), ("Wild ideas", 4));
        profiles.forget("wild-ideas").unwrap();
        assert_eq!(profiles.in_use().0, "Balanced");
        profiles.keep(new("草稿")).unwrap();
        profiles.keep(new("细致")).unwrap();
        assert_eq!(profiles.views().len(), 5, "names that have no short form of their own live side by side");
        assert!(matches!(profiles.forget("wild-ideas"), Err(EngineError::UnknownProfile(_))));
    }

    #[test]
    fn a_profile_without_a_name_with_a_taken_one_or_with_nonsense_is_refused_in_words() {
        let mut profiles = Profiles::default();
        let refused = |profiles: &mut Profiles, profile| profiles.keep(profile).unwrap_err().to_string();
        assert_eq!(refused(&mut profiles, new("  ")), "give the profile a name");
        assert!(refused(&mut profiles, new("draft")).contains("already"));
        let hot = Profile { params: Params { top_p: Some(7.0), ..Params::default() }, ..new("Hot") };
        assert!(refused(&mut profiles, hot).contains("top_p"));
        assert_eq!(profiles, Profiles::default(), "what is refused changes nothing");
    }
}
