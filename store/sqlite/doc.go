// Package sqlite is a store in a file, for one process.
//
// # Writing
//
// One goroutine writes. It takes every request that waits, and makes one transaction of them,
// with synchronous=FULL: a power cut loses no event whose position anybody has. Only after the
// commit does it deliver the events to followers, and answers. While the disk is full or fails,
// it tries the same requests again, with growing waits.
//
// # Tables
//
//	logs     the epoch of each channel, and the offset of its newest event
//	events   by channel and offset: the name, the time, and the record whose state it shows
//	records  by number, in the order of their first event: the columns that queries use
//	bodies   the newest state of each record: Data and State
//	names    hashes of the Key, the Names and the terms of records
//	words    the full-text index of the records' texts, in trigrams
//	texts    short texts, such as cursors
//
// The channel and the offset are the primary key of events, so SQLite refuses a second event at a
// position even if everything else failed. All events of a record share its one body. So an update
// rewrites the earlier events, and an erasure removes the only copy of the words.
//
// # Search
//
// One index leads a search: the rarest of the terms, the full-text index, or else the newest records.
// The records that it names are read from the newest to the oldest, and the query decides about each.
// Words of one or two characters have no trigram, so they don't lead. One search looks at a bounded
// number of records, and returns where to continue.
//
// # Erasure
//
// secure_delete makes SQLite and its full-text index overwrite what is deleted. The write-ahead
// log can still hold it, so the log is truncated within a minute of an update or an erasure.
//
// # Promises
//
//   - It passes the suite of all stores: TestSQLite_IsAStore
//   - After kill -9 at any moment, no delivered event is missing, none is there twice, and the
//     epoch is the same: TestKill_NoDeliveredEventIsLostOrTwice
//   - No file of the store contains erased words: TestErase_WordsAreInNoFile
//   - A file of an older version is converted when it is opened:
//     TestOpen_ConvertsAFileOfTheFirstVersion
//   - While the disk is full, appends wait, and then continue:
//     TestStore_AFullDiskIsADegradedStateThatEndsByItself
//   - A file that is no store, is newer, is locked or can't be written is refused, and is not
//     changed: TestOpen_RefusesWhatItCannotUse
//   - A restored backup begins a new epoch: TestBackup_BeginsANewEpochWhereItIsRestored
//   - So does a file that was replaced by an older copy, or that comes from elsewhere. The lock file
//     has the newest offsets, and is written after each commit:
//     TestOpen_AnOlderCopyInPlaceOfTheFileBeginsANewEpoch. It is not recognized if the lock file is
//     restored together with the database, as by a snapshot of the disk.
//   - One process at a time uses a file, under whatever name: TestOpen_AFileIsLockedUnderAllItsNames.
//   - A damaged page doesn't keep what other pages hold from being read and written:
//     TestDamage_WhatOtherPagesHoldStaysInUse. SQLite notices damage by the structure of a page, because
//     it has no checksums.
//   - A new store or a backup keeps its name in a power cut:
//     TestSync_NewFilesAndBackupsKeepTheirNamesInAPowerCut
package sqlite
