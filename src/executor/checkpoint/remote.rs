//! The place of leases and checkpoints as named files: put, put if absent, get, list, delete. The only owner
//! of `object_store` and of the threads that wait for it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::path::Path;
use object_store::{ClientConfigKey, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, RetryConfig};
use tokio::runtime::Runtime;

use super::super::Error;
use super::folder::Folder;
use super::place::Place;

/// A look at the lease must be over long before the last one is too old to vouch for it.
const QUICK_TIMEOUT: Duration = Duration::from_secs(2);
/// Files are at most some 100 MB; on a slow line one may take a while.
const BULK_TIMEOUT: Duration = Duration::from_secs(300);

/// An open place.
#[derive(Debug, Clone)]
pub(in super::super) struct Remote {
    kind: Arc<Kind>,
    place: Place,
}

#[derive(Debug)]
enum Kind {
    Folder(Folder),
    Objects(Objects),
}

/// Two clients of one bucket: they differ in how long they wait.
#[derive(Debug)]
struct Objects {
    quick: Arc<dyn ObjectStore>,
    bulk: Arc<dyn ObjectStore>,
    prefix: String,
    runtime: Runtime,
}

/// How long an answer may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Pace {
    /// Small things that somebody waits for.
    Quick,
    Bulk,
}

/// A file of a listing: its name without the folder.
#[derive(Debug, Clone)]
pub(in super::super) struct Found {
    pub(in super::super) name: String,
    pub(in super::super) changed: SystemTime,
}

impl Remote {
    /// Makes the clients; nothing is asked yet.
    pub(in super::super) fn open(place: &Place) -> Result<Self, Error> {
        let kind = match place {
            Place::Folder(folder) => Kind::Folder(Folder::new(folder.clone())),
            Place::S3 { bucket, prefix } => {
                let client = |pace| {
                    let mut builder = AmazonS3Builder::from_env().with_bucket_name(bucket);
                    for (key, value) in waits(pace) {
                        builder = builder.with_config(AmazonS3ConfigKey::Client(key), value);
                    }
                    let store = builder.with_retry(retries(pace)).build();
                    store.map(|store| Arc::new(store) as Arc<dyn ObjectStore>)
                };
                Kind::Objects(Objects::new(place, prefix, client)?)
            }
            Place::Azure { container, prefix } => {
                let client = |pace| {
                    let mut builder = MicrosoftAzureBuilder::from_env().with_container_name(container);
                    for (key, value) in waits(pace) {
                        builder = builder.with_config(AzureConfigKey::Client(key), value);
                    }
                    let store = builder.with_retry(retries(pace)).build();
                    store.map(|store| Arc::new(store) as Arc<dyn ObjectStore>)
                };
                Kind::Objects(Objects::new(place, prefix, client)?)
            }
        };
        Ok(Self { kind: Arc::new(kind), place: place.clone() })
    }

    pub(in super::super) const fn place(&self) -> &Place {
        &self.place
    }

    /// Puts a file under its name; what was there is replaced.
    pub(in super::super) fn put(&self, name: &str, bytes: Vec<u8>, pace: Pace) -> Result<(), Error> {
        match &*self.kind {
            Kind::Folder(folder) => folder.put(name, &bytes, true).map(drop),
            Kind::Objects(objects) => {
                let store = objects.at(pace);
                let put = objects.runtime.block_on(store.put(&objects.path(name), bytes.into()));
                put.map(drop).map_err(self.failed("put", name))
            }
        }
    }

    /// Puts a file unless there is one of that name. Returns whether it was put.
    pub(in super::super) fn put_if_absent(&self, name: &str, bytes: Vec<u8>) -> Result<bool, Error> {
        match &*self.kind {
            Kind::Folder(folder) => folder.put(name, &bytes, false),
            Kind::Objects(objects) => {
                let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
                let (path, store) = (objects.path(name), &objects.bulk);
                match objects.runtime.block_on(store.put_opts(&path, bytes.into(), options)) {
                    Ok(_) => Ok(true),
                    Err(object_store::Error::AlreadyExists { .. }) => Ok(false),
                    Err(error) => Err(self.failed("put", name)(error)),
                }
            }
        }
    }

    /// `None`: there is no such file.
    pub(in super::super) fn get(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        match &*self.kind {
            Kind::Folder(folder) => folder.get(name),
            Kind::Objects(objects) => {
                let path = objects.path(name);
                let got = objects.runtime.block_on(async { objects.bulk.get(&path).await?.bytes().await });
                match got {
                    Ok(bytes) => Ok(Some(bytes.to_vec())),
                    Err(object_store::Error::NotFound { .. }) => Ok(None),
                    Err(error) => Err(self.failed("get", name)(error)),
                }
            }
        }
    }

    /// The files right below a folder, by name.
    pub(in super::super) fn list(&self, prefix: &str, pace: Pace) -> Result<Vec<Found>, Error> {
        let mut found = match &*self.kind {
            Kind::Folder(folder) => folder.list(prefix)?,
            Kind::Objects(objects) => {
                let store = objects.at(pace);
                let path = objects.path(prefix);
                let listed = objects.runtime.block_on(store.list_with_delimiter(Some(&path)));
                let objects = listed.map_err(self.failed("list", prefix))?.objects.into_iter();
                let found = objects.map(|object| Found {
                    name: object.location.filename().unwrap_or_default().to_owned(),
                    changed: object.last_modified.into(),
                });
                found.collect()
            }
        };
        found.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    pub(in super::super) fn delete(&self, name: &str) -> Result<(), Error> {
        match &*self.kind {
            Kind::Folder(folder) => folder.delete(name),
            Kind::Objects(objects) => {
                match objects.runtime.block_on(objects.bulk.delete(&objects.path(name))) {
                    Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
                    Err(error) => Err(self.failed("delete", name)(error)),
                }
            }
        }
    }

    fn failed(&self, doing: &str, name: &str) -> impl FnOnce(object_store::Error) -> Error {
        failed(&self.place, format!("{doing} {name}"))
    }
}

impl Objects {
    fn new(
        place: &Place,
        prefix: &str,
        client: impl Fn(Pace) -> object_store::Result<Arc<dyn ObjectStore>>,
    ) -> Result<Self, Error> {
        let client = |pace| client(pace).map_err(failed(place, "set up a client".to_owned()));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("objects")
            .enable_all()
            .build()
            .map_err(Error::io("objects".as_ref()))?;
        let (quick, bulk) = (client(Pace::Quick)?, client(Pace::Bulk)?);
        Ok(Self { quick, bulk, prefix: prefix.to_owned(), runtime })
    }

    fn at(&self, pace: Pace) -> &Arc<dyn ObjectStore> {
        if pace == Pace::Quick { &self.quick } else { &self.bulk }
    }

    fn path(&self, name: &str) -> Path {
        Path::from(format!("{}/{name}", self.prefix))
    }
}

const fn timeout(pace: Pace) -> Duration {
    match pace {
        Pace::Quick => QUICK_TIMEOUT,
        Pace::Bulk => BULK_TIMEOUT,
    }
}

/// Single settings: what the environment says of a client besides stays.
fn waits(pace: Pace) -> [(ClientConfigKey, String); 2] {
    let text = |wait: Duration| format!("{} seconds", wait.as_secs());
    [(ClientConfigKey::Timeout, text(timeout(pace))), (ClientConfigKey::ConnectTimeout, text(QUICK_TIMEOUT))]
}

/// A service is given up on only after a while; whoever looks at the lease looks again anyway.
fn retries(pace: Pace) -> RetryConfig {
    let max_retries = if pace == Pace::Quick { 0 } else { 3 };
    RetryConfig { max_retries, retry_timeout: timeout(pace), ..RetryConfig::default() }
}

fn failed(place: &Place, doing: String) -> impl FnOnce(object_store::Error) -> Error {
    let place = place.to_string();
    move |error| Error::Remote { place, doing, why: reasons(&error) }
}

/// An error with what caused it: the outermost alone rarely says what to do.
fn reasons(error: &dyn std::error::Error) -> String {
    let (mut text, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        let reason = error.to_string();
        if !text.contains(&reason) {
            text = format!("{text}: {reason}");
        }
        cause = error.source();
    }
    text
}
