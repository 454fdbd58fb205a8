/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.look;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.tlora.data.file.DataFile;
import org.tlora.data.file.RowFiles;
import org.tlora.data.file.RowSink;
import org.tlora.data.format.ExampleFormat;
import org.tlora.data.format.ExampleFormats;
import org.tlora.data.format.Fields;
import org.tlora.data.format.LabelledFormats;
import org.tlora.data.format.Row;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.text.PrintableText;

/** A file of rows, gone through once; of a row no more is kept than the names of its fields. */
final class DataLook implements RowSink {
  private static final int BAD_NAMED = 5;
  private static final int MOST_FIELDS = 1000;
  private static final int LETTERS = 300;

  private final Map<String, Long> fields = new LinkedHashMap<>();
  private final List<String> bad = new ArrayList<>();
  private Row first; // null: not yet
  private long rows;
  private long badRows;

  private DataLook() {}

  static void into(Facts facts, Path path) {
    DataLook look = new DataLook();
    RowFiles.read(DataFile.of(path), look);
    if (look.first == null) {
      throw new InputFault(look.bad.isEmpty() ? path + " has no rows" : look.bad.get(0));
    }
    look.tell(facts, path);
  }

  @Override
  public void row(Row row) {
    rows++;
    first = first == null ? row : first;
    row.fields()
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (fields.size() < MOST_FIELDS || fields.containsKey(name)) {
                fields.merge(name, 1L, Long::sum);
              }
            });
  }

  @Override
  public void bad(String where, String reason) {
    rows++;
    badRows++;
    if (bad.size() < BAD_NAMED) {
      bad.add(where + " " + reason);
    }
  }

  private void tell(Facts facts, Path path) {
    ObjectNode json = facts.json();
    json.put("kind", "data").put("rows", rows);
    facts.line("data", path.toString());
    long bytes = size(path);
    facts.line("rows", Words.count(rows) + " in " + Words.bytes(bytes));
    var names = json.putArray("fields");
    first.fields().fieldNames().forEachRemaining(names::add);
    Optional<String> format = name(() -> ExampleFormats.choose("auto", Fields.OWN, first));
    Optional<String> labelled = name(() -> LabelledFormats.choose("auto", Fields.OWN, first));
    json.put("format", format.orElse(null)).put("encoder_format", labelled.orElse(null));
    json.set("first", first.fields());
    json.put("bytes", bytes).put("bad_rows", badRows);
    ObjectNode counts = json.putObject("field_counts");
    fields.forEach(counts::put);
    facts.line(
        "format",
        format.orElse(
            "not recognised: name fields with --prompt-field and --response-field, --messages-field"
                + " or --text-field"));
    labelled.ifPresent(name -> facts.inner("for encoders", name));
    facts.line("fields", Words.count(fields.size()) + ", in so many of the rows");
    fields.forEach((name, n) -> facts.inner(name, n + badRows == rows ? "all" : Words.count(n)));
    facts.line("first row", "number " + first.number());
    for (Map.Entry<String, JsonNode> e : first.fields().properties()) {
      String text = e.getValue().isTextual() ? e.getValue().asText() : Json.compact(e.getValue());
      facts.inner(e.getKey(), PrintableText.line(text, LETTERS));
    }
    var named = json.putArray("first_bad_rows");
    bad.forEach(named::add);
    facts.line("bad rows", badRows == 0 ? "none" : Words.count(badRows));
    bad.forEach(line -> facts.inner("bad", line));
  }

  private static Optional<String> name(Supplier<ExampleFormat> format) {
    try {
      return Optional.of(format.get().name());
    } catch (InputFault e) {
      return Optional.empty(); // the fields are listed; which to use is for the user to say
    }
  }

  private static long size(Path path) {
    try {
      return Files.size(path);
    } catch (IOException e) {
      throw new InputFault(path + " cannot be read: " + Json.reason(e), e);
    }
  }
}
