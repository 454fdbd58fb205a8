/** What a run leaves to read: {@code metrics.jsonl} and a self-contained HTML page. */
package org.tlora.report;
