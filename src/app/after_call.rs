//! After a call: its row and card reach the disk, whatever the disk says at first.

use std::time::Duration;

use domain::{CallRecord, LeadCard};

use super::{paging::PageRows, parts::Parts};
use crate::store::{Store, StoreError};

/// Waits between tries to store a finished call: soon, then patiently. The card stays in memory meanwhile.
const RETRY_S: [u64; 6] = [1, 5, 15, 60, 300, 900];

/// Stores a finished call, its card and a page that is not on disk yet, together; a failing disk is tried again behind the call.
pub(crate) async fn remember(
    parts: &Parts,
    record: CallRecord,
    card: Option<LeadCard>,
    page: Option<PageRows>,
) {
    if let Err(error) = store(&parts.store, &record, &card, &page).await {
        tracing::error!(%error, "a finished call could not be stored; trying again");
        let memory = parts.store.clone();
        tokio::spawn(async move {
            for wait_s in RETRY_S {
                tokio::time::sleep(Duration::from_secs(wait_s)).await;
                match store(&memory, &record, &card, &page).await {
                    Ok(()) => return,
                    Err(error) => {
                        tracing::error!(%error, "a finished call could not be stored; trying again")
                    }
                }
            }
            tracing::error!(call = %record.id, "a finished call was never stored");
        });
    }
}

async fn store(
    memory: &Store,
    record: &CallRecord,
    card: &Option<LeadCard>,
    page: &Option<PageRows>,
) -> Result<(), StoreError> {
    let rows = page.clone().map(|p| (p.item, p.alert));
    memory.end_call(record.clone(), card.clone(), rows).await
}
