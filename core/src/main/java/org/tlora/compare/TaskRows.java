package org.tlora.compare;

import java.util.List;
import org.tlora.data.Row;
import org.tlora.evaluate.Task;

/** A task to score every method on, with its rows. */
public record TaskRows(Task task, List<Row> rows) {}
