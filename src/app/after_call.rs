//! After a call: its row and card reach the disk, whatever the disk says at first.

use std::time::Duration;

use domain::{CallRecord, LeadCard, Page};

use super::parts::Parts;
use crate::store::StoreError;

/// Waits between tries to store a finished call: soon, then patiently. The card stays in memory meanwhile.
const RETRY_S: [u64; 6] = [1, 5, 15, 60, 300, 900];

/// Stores a finished call, its card and a page that is not on disk yet, together; a failing disk is tried again behind the call.
pub(crate) async fn remember(parts: &Parts, record: CallRecord, card: Option<LeadCard>, page: Option<Page>) {
    if let Err(error) = store(parts, &record, &card, &page).await {
        tracing::error!(%error, "a finished call could not be stored; trying again");
        let parts = parts.clone();
        tokio::spawn(async move {
            for wait_s in RETRY_S {
                tokio::time::sleep(Duration::from_secs(wait_s)).await;
                match store(&parts, &record, &card, &page).await {
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
    parts: &Parts,
    record: &CallRecord,
    card: &Option<LeadCard>,
    page: &Option<Page>,
) -> Result<(), StoreError> {
    let business = parts.business(&record.profile_id);
    let rows = match (page, business) {
        (Some(page), Some(business)) => Some(parts.pager().rows(&business.shop, page).await?),
        _ => None,
    };
    parts.store.end_call(record.clone(), card.clone(), rows).await?;
    parts.lines.ring();
    Ok(())
}
