/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.data.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.text.chat.Conversation;
import org.tlora.text.chat.Message;

/**
 * Rows with a list of turns, or two of them: then what is in the first is not learned. Beside them
 * a row may say what the system says, what was said before, which tools there are, and which
 * further names the chat template sees.
 *
 * @param name as on the command line
 * @param field the list of turns
 * @param completionField the list of turns that are learned, or null: all of {@code field} are
 */
record ConversationFormat(String name, String field, String completionField)
    implements ExampleFormat {
  /** Fields that hold what the system says. */
  static final List<String> SYSTEM = List.of("system", "system_prompt");

  static final String HISTORY = "history";
  static final String TOOLS = "tools";
  static final String DOCUMENTS = "documents";

  /** What transformers and TRL call further names for the template. */
  static final String VARIABLES = "chat_template_kwargs";

  /** Names that templates have from elsewhere. */
  private static final List<String> OWN_NAMES =
      List.of("messages", TOOLS, DOCUMENTS, "add_generation_prompt");

  @Override
  public boolean fits(Row row) {
    return isTurns(row, field)
        && (completionField == null
            || isTurns(row, completionField)
            || row.fields().path(completionField).isTextual());
  }

  private static boolean isTurns(Row row, String field) {
    JsonNode turns = Fields.structure(row, field);
    return turns.isArray() && TurnReader.fits(turns.path(0));
  }

  @Override
  public Example read(Row row, RowNotes notes) {
    Set<String> used = new HashSet<>();
    List<TurnReader.Turn> before = new ArrayList<>();
    history(row, before, used, notes);
    List<TurnReader.Turn> turns = turns(row, field, notes);
    if (!before.isEmpty()) {
      while (!turns.isEmpty() && turns.get(0).message().isOfSystem()) {
        before.add(0, turns.remove(0)); // what the system says comes first
      }
    }
    system(row, before.isEmpty() ? turns : before, before, used);
    List<Message> messages = new ArrayList<>();
    List<Boolean> learned = new ArrayList<>();
    for (List<TurnReader.Turn> part : List.of(before, turns)) {
      for (TurnReader.Turn turn : part) {
        messages.add(turn.message());
        learned.add(completionField == null && isLearned(turn));
      }
    }
    used.add(field);
    if (completionField != null) {
      used.add(completionField);
      for (TurnReader.Turn turn : completion(row, notes)) {
        messages.add(turn.message());
        learned.add(isLearned(turn));
      }
    }
    if (messages.stream().noneMatch(Message::isOfAssistant)) {
      throw new InputFault(row.where() + ": no turn is the assistant's");
    }
    Conversation said = new Conversation(messages, tools(row, used), variables(row, used));
    Fields.noteUnused(row, used, notes);
    return new Example.Conversation(said, List.copyOf(learned), row.where());
  }

  private static boolean isLearned(TurnReader.Turn turn) {
    return turn.message().isOfAssistant() && !turn.excluded();
  }

  private List<TurnReader.Turn> completion(Row row, RowNotes notes) {
    return isTurns(row, completionField)
        ? turns(row, completionField, notes)
        : List.of(
            new TurnReader.Turn(
                Message.of(Message.ASSISTANT, Fields.text(row, completionField)), false));
  }

  private static List<TurnReader.Turn> turns(Row row, String field, RowNotes notes) {
    JsonNode list = Fields.structure(row, field);
    if (!list.isArray() || list.isEmpty()) {
      throw new InputFault(
          row.where()
              + ": field '"
              + field
              + "' is not a list of turns; the row has "
              + Fields.names(row));
    }
    List<TurnReader.Turn> turns = new ArrayList<>();
    for (JsonNode turn : list) {
      String where = row.where() + ", turn " + (turns.size() + 1);
      turns.add(TurnReader.read(turn, where, notes));
    }
    return turns;
  }

  /** What the row says of the system goes before all turns, unless a turn says the same. */
  private static void system(
      Row row, List<TurnReader.Turn> turns, List<TurnReader.Turn> before, Set<String> used) {
    String found = null;
    for (String name : SYSTEM) {
      String text = Fields.optionalText(row, name);
      if (text.isEmpty()) {
        continue;
      }
      if (found != null && !found.equals(text)) {
        return; // the second one is named as unused
      }
      boolean said = turns.get(0).message().isOfSystem();
      if (!said) {
        if (found == null) {
          before.add(0, new TurnReader.Turn(Message.of(Message.SYSTEM, text), true));
        }
      } else if (!turns.get(0).message().content().equals(text)) {
        return;
      }
      found = text;
      used.add(name);
    }
  }

  private static void history(
      Row row, List<TurnReader.Turn> before, Set<String> used, RowNotes notes) {
    JsonNode history = Fields.structure(row, HISTORY);
    if (history.isArray() && TurnReader.fits(history.path(0))) {
      before.addAll(turns(row, HISTORY, notes));
      used.add(HISTORY);
      return;
    }
    for (Example.Exchange e : exchanges(row)) {
      before.add(new TurnReader.Turn(Message.of("user", e.question()), true));
      before.add(new TurnReader.Turn(Message.of(Message.ASSISTANT, e.answer()), false));
      used.add(HISTORY);
    }
  }

  /** Earlier questions and answers, as Alpaca-like rows have them: a list of pairs. */
  static List<Example.Exchange> exchanges(Row row) {
    JsonNode history = Fields.structure(row, HISTORY);
    List<Example.Exchange> exchanges = new ArrayList<>();
    if (history.isMissingNode() || Fields.saysNothing(history)) {
      return exchanges;
    }
    if (history.isArray() && TurnReader.fits(history.path(0))) {
      return exchangesOfTurns(row);
    }
    for (JsonNode pair : history.isArray() ? history : List.<JsonNode>of()) {
      if (!pair.isArray()
          || pair.size() != 2
          || !pair.get(0).isTextual()
          || !pair.get(1).isTextual()) {
        throw notPairs(row);
      }
      exchanges.add(new Example.Exchange(pair.get(0).asText(), pair.get(1).asText()));
    }
    if (exchanges.isEmpty()) {
      throw notPairs(row);
    }
    return exchanges;
  }

  private static List<Example.Exchange> exchangesOfTurns(Row row) {
    List<TurnReader.Turn> turns = turns(row, HISTORY, new RowNotes(true));
    List<Example.Exchange> exchanges = new ArrayList<>();
    for (int i = 0; i < turns.size(); i += 2) {
      Message question = turns.get(i).message();
      boolean answered = i + 1 < turns.size() && turns.get(i + 1).message().isOfAssistant();
      if (!question.role().equals("user") || !answered) {
        throw notPairs(row);
      }
      exchanges.add(new Example.Exchange(question.content(), turns.get(i + 1).message().content()));
    }
    return exchanges;
  }

  private static InputFault notPairs(Row row) {
    return new InputFault(
        row.where()
            + ": field '"
            + HISTORY
            + "' is not a list of pairs of a question and its answer");
  }

  private static ArrayNode tools(Row row, Set<String> used) {
    if (!row.fields().hasNonNull(TOOLS)) {
      return null;
    }
    JsonNode tools = Fields.structure(row, TOOLS);
    if (tools.isTextual() && tools.asText().isBlank()) {
      return null;
    }
    if (!(tools instanceof ArrayNode list)) {
      throw new InputFault(row.where() + ": field '" + TOOLS + "' is not a list of tools");
    }
    ArrayNode objects = Json.object().arrayNode();
    for (JsonNode tool : list) {
      JsonNode one = Fields.structure(tool);
      if (!one.isObject()) {
        throw new InputFault(
            row.where() + ": field '" + TOOLS + "' has " + Fields.kind(one) + ", not a tool");
      }
      objects.add(one);
    }
    used.add(TOOLS);
    return objects;
  }

  private static ObjectNode variables(Row row, Set<String> used) {
    ObjectNode variables = Json.object();
    if (row.fields().hasNonNull(VARIABLES)) {
      JsonNode given = Fields.structure(row, VARIABLES);
      if (!(given instanceof ObjectNode object)) {
        throw new InputFault(row.where() + ": field '" + VARIABLES + "' is not an object");
      }
      for (String own : OWN_NAMES) {
        if (object.has(own)) {
          throw new InputFault(
              row.where() + ": field '" + VARIABLES + "' cannot say '" + own + "' of the template");
        }
      }
      variables.setAll(object);
      used.add(VARIABLES);
    }
    if (row.fields().hasNonNull(DOCUMENTS)) {
      JsonNode documents = Fields.structure(row, DOCUMENTS);
      if (documents.isArray() && !documents.isEmpty() && documents.path(0).isObject()) {
        variables.set(DOCUMENTS, documents);
        used.add(DOCUMENTS);
      }
    }
    return variables;
  }
}
