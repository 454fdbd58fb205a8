/* SPDX-License-Identifier: Apache-2.0 */
/** What the server keeps: files, jobs and what happened to them, in a database of SQLite. */
package org.tlora.serve.store;
