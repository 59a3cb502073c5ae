//! The engine behind the window, opened at the window's first call so that the window itself is there at once.

use std::sync::{Arc, OnceLock};

use roundtable_engine::view::{AppError, Startup};
use roundtable_engine::{DataDir, Engine, EngineError, Options, Process};
use tauri::AppHandle;
use tokio::sync::Mutex;

use crate::arguments::Arguments;
use crate::desktop::{self, Wordings};

/// What every command is given.
pub(crate) struct Shell {
    data_dir: DataDir,
    demo: bool,
    engine: Mutex<Option<Engine>>,
    /// The program around it, once that is built.
    app: OnceLock<AppHandle>,
    wordings: Arc<Wordings>,
}

impl Shell {
    pub(crate) fn new(arguments: &Arguments) -> Result<Self, EngineError> {
        let data_dir = DataDir::choose(arguments.data_dir.as_deref())?;
        Ok(Self {
            data_dir,
            demo: arguments.demo,
            engine: Mutex::new(None),
            app: OnceLock::new(),
            wordings: Arc::default(),
        })
    }

    /// The program is built: alerts may be shown on the desktop.
    pub(crate) fn attach(&self, app: &AppHandle) {
        // It is built once.
        let _ = self.app.set(app.clone());
    }

    /// What the window says of alerts.
    pub(crate) fn wordings(&self) -> &Wordings {
        &self.wordings
    }

    /// The engine; opens it at the first call.
    pub(crate) async fn engine(&self) -> Result<Engine, AppError> {
        let mut engine = self.engine.lock().await;
        if let Some(engine) = &*engine {
            return Ok(engine.clone());
        }
        let options = Options { demo: self.demo, ..Options::new(self.data_dir.clone(), Process::Window) };
        let opened = Engine::open(options).await.map_err(AppError::from)?;
        if let Some(app) = self.app.get() {
            desktop::follow(&opened, app.clone(), Arc::clone(&self.wordings)).await;
        }
        Ok(engine.insert(opened).clone())
    }

    /// Opens the engine and says what the window needs, or why it could not.
    pub(crate) async fn startup(&self) -> Startup {
        let ready = match self.engine().await {
            Ok(engine) => engine.ready().await,
            Err(error) => Err(error),
        };
        match ready {
            Ok(ready) => Startup::Ready(Box::new(ready)),
            Err(error) => Startup::Blocked {
                error: Box::new(error),
                data_dir: self.data_dir.root().display().to_string(),
            },
        }
    }

    /// Sets a damaged database aside and starts anew.
    pub(crate) async fn set_database_aside(&self) -> Result<Startup, AppError> {
        if self.engine.lock().await.is_none() {
            Engine::set_database_aside(&self.data_dir).await.map_err(AppError::from)?;
        }
        Ok(self.startup().await)
    }

    /// Finishes what is in flight, within two seconds.
    pub(crate) async fn close(&self) {
        if let Some(engine) = self.engine.lock().await.take() {
            engine.shutdown().await;
        }
    }
}
