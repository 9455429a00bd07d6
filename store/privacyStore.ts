// What lasts of privacy: how long each kind of record is kept in each unit, holds, and reports of what was purged. Part of Store.

export interface PrivacyStore {}
