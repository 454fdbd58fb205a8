/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.tlora.constrain.AllowedTokens;
import org.tlora.constrain.Grammar;
import org.tlora.constrain.SchemaGrammar;
import org.tlora.constrain.Vocabulary;
import org.tlora.data.encode.ConversationEncoder;
import org.tlora.fault.InputFault;
import org.tlora.format.Json;
import org.tlora.generate.GenerationListener;
import org.tlora.generate.GenerationRequest;
import org.tlora.generate.ScoredToken;
import org.tlora.loading.LoadedModel;
import org.tlora.model.AdapterMix;
import org.tlora.text.TokenBytes;
import org.tlora.text.Tokenizer;
import org.tlora.text.chat.Conversation;
import org.tlora.toolcall.CallConstraint;
import org.tlora.toolcall.Tool;
import org.tlora.toolcall.ToolCallFormat;
import org.tlora.toolcall.ToolCallFormats;

/** From what is asked for to what the scheduler runs, and from its text to an answer. */
final class Asking {
  /** Grammars that are remembered, with what of the vocabulary each allows. */
  private static final int MOST_GRAMMARS = 64;

  private final LoadedModel base;
  private final int vocabulary;
  private final Map<String, AllowedTokens> allowed = // guarded by this
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, AllowedTokens> eldest) {
          return size() > MOST_GRAMMARS;
        }
      };
  private Chatting chatting; // guarded by this; null until it is needed
  private Vocabulary tokens; // guarded by this; null until it is needed

  /**
   * For a model.
   *
   * @param vocabulary tokens that it has
   */
  Asking(LoadedModel base, int vocabulary) {
    this.base = base;
    this.vocabulary = vocabulary;
  }

  /**
   * How conversations are written, whose template is read once, and the tokens that end answers.
   */
  private record Chatting(ConversationEncoder encoder, List<Integer> ends) {}

  /**
   * What is to be run.
   *
   * @param format how calls are written, or null: there are none
   * @param opening what stands before the generated text and belongs to the answer
   */
  record Prepared(GenerationRequest request, ToolCallFormat format, String opening) {
    Answer answer(org.tlora.generate.Generation g) {
      String text = opening + (g.text() == null ? "" : g.text());
      if (format == null) {
        return new Answer(text, List.of(), g);
      }
      ToolCallFormat.Parsed parsed = format.parse(text);
      return new Answer(parsed.said(), parsed.calls(), g);
    }

    /** Tells of the text so far that is no call. */
    GenerationListener listener(AnswerListener told) {
      return new GenerationListener() {
        @Override
        public boolean wantsText() {
          return told != AnswerListener.NONE;
        }

        @Override
        public void onText(String text, List<ScoredToken> scores) {
          told.onText(said(opening + text), scores);
        }
      };
    }

    private String said(String text) {
      if (format == null) {
        return text;
      }
      String mark = format.opening();
      if (mark.isEmpty()) { // all of it is a call or nothing is
        String start = text.stripLeading();
        return start.isEmpty() || start.startsWith("{") || start.startsWith("<|") ? "" : text;
      }
      int at = text.indexOf(mark);
      if (at >= 0) {
        return text.substring(0, at).stripTrailing();
      }
      for (int n = Math.min(mark.length() - 1, text.length()); n > 0; n--) {
        if (text.endsWith(mark.substring(0, n))) {
          return text.substring(0, text.length() - n).stripTrailing();
        }
      }
      return text.stripTrailing(); // a call may follow, before which spaces do not count
    }
  }

  /**
   * Prepares a request.
   *
   * @param positions tokens that the model can look back on
   * @throws InputFault if something of it is wrong, or longer than the model can look back on
   */
  Prepared prepare(AnswerRequest asked, AdapterMix adapters, int positions) {
    if (asked.messages() == null) {
      int[] ids =
          asked.ids() != null ? asked.ids() : base.files().tokenizer().encode(asked.text(), true);
      List<Integer> ends = base.files().generationEos();
      return constrained(asked, request(asked, ids, ends, adapters, positions), ends);
    }
    Chatting chatting = chatting();
    ConversationEncoder encoder = chatting.encoder();
    List<Integer> ends = chatting.ends();
    boolean none = asked.toolChoice().equals(AnswerRequest.NONE);
    ArrayNode tools = asked.tools() == null ? null : list(asked.tools(), "tools");
    List<Tool> all = tools == null ? List.of() : Tool.of(tools);
    Conversation conversation = Conversations.of(asked, tools);
    if (all.isEmpty() || none) {
      int[] ids = encoder.prompt(conversation);
      return constrained(asked, request(asked, ids, ends, adapters, positions), ends);
    }
    return withTools(asked, all, encoder, conversation, ends, adapters, positions);
  }

  private synchronized Chatting chatting() {
    if (chatting == null) {
      ConversationEncoder encoder =
          base.files()
              .conversationEncoder()
              .orElseThrow(() -> new InputFault("the model has no chat template"));
      chatting = new Chatting(encoder, base.files().conversationEos(encoder));
    }
    return chatting;
  }

  static ArrayNode list(String json, String what) {
    if (Json.parse(json, what) instanceof ArrayNode list) {
      return list;
    }
    throw new InputFault("'" + what + "' must be a list");
  }

  private GenerationRequest request(
      AnswerRequest asked, int[] ids, List<Integer> ends, AdapterMix adapters, int positions) {
    GenerationOptions options = asked.options();
    for (int id : ids) {
      if (id < 0 || id >= vocabulary) {
        throw new InputFault("the prompt has token " + id + ", and the model has " + vocabulary);
      }
    }
    if (ids.length >= positions) {
      throw new InputFault(
          String.format(
              "the prompt has %,d tokens, and the model can look back on %,d",
              ids.length, positions));
    }
    int most = Math.min(options.maxNewTokens(), positions - ids.length);
    return options
        .applied(new GenerationRequest(ids, most))
        .with(adapters)
        .endingWith(ends)
        .withStream(asked.choice())
        .withText(base.files().tokenizer())
        .keepingComputed();
  }

  private Prepared constrained(AnswerRequest asked, GenerationRequest request, List<Integer> ends) {
    if (!asked.json() && asked.schema() == null) {
      return new Prepared(request, null, "");
    }
    AllowedTokens may =
        asked.schema() == null
            ? allowed("object", SchemaGrammar::anyObject, ends)
            : allowed(
                "schema " + asked.schema(),
                () -> SchemaGrammar.of(Json.parse(asked.schema(), "the schema")),
                ends);
    return new Prepared(request.constrainedBy(may::constraint), null, "");
  }

  private Prepared withTools(
      AnswerRequest asked,
      List<Tool> all,
      ConversationEncoder encoder,
      Conversation conversation,
      List<Integer> ends,
      AdapterMix adapters,
      int positions) {
    ToolCallFormat format =
        ToolCallFormats.of(encoder.templateFor(conversation))
            .orElseThrow(
                () ->
                    new InputFault(
                        "the model's chat template has no `tools`, or calls them in a way that is"
                            + " not known"));
    boolean auto = asked.toolChoice().equals(AnswerRequest.AUTO);
    List<Tool> callable = auto ? all : chosen(all, asked.toolChoice());
    Tokenizer tokenizer = base.files().tokenizer();
    String opening = auto ? "" : format.opening();
    int[] ids = tokenizer.encode(encoder.promptText(conversation) + opening, false);
    GenerationRequest request =
        request(asked, ids, ends, adapters, positions).withText(visible(tokenizer, ends));
    if (auto && format.opening().isEmpty()) {
      return new Prepared(request, format, opening); // free, since it may be a text as a whole
    }
    boolean many = asked.manyCalls();
    AllowedTokens calls =
        allowed(
            "calls " + many + asked.toolChoice() + asked.tools(),
            () -> format.grammar(callable, many),
            ends);
    Supplier<org.tlora.generate.Constraint> constraint =
        auto
            ? () ->
                new CallConstraint(
                    format.opening().getBytes(StandardCharsets.UTF_8),
                    tokenizer.idOf(format.opening()),
                    tokens().tokens(),
                    calls,
                    !many)
            : calls::constraint;
    return new Prepared(request.constrainedBy(constraint), format, opening);
  }

  private static List<Tool> chosen(List<Tool> all, String choice) {
    if (choice.equals(AnswerRequest.REQUIRED)) {
      return all;
    }
    List<Tool> named = all.stream().filter(t -> t.name().equals(choice)).toList();
    if (named.isEmpty()) {
      throw new InputFault("`toolChoice` names '" + choice + "', which no tool is");
    }
    return named;
  }

  /** Special tokens are written out, since calls may begin with one; what ends a text is not. */
  private static Function<int[], String> visible(Tokenizer tokenizer, List<Integer> ends) {
    return ids -> {
      int length = ids.length;
      while (length > 0 && ends.contains(ids[length - 1])) {
        length--;
      }
      return tokenizer.decodeVisibly(Arrays.copyOf(ids, length));
    };
  }

  private synchronized AllowedTokens allowed(
      String key, Supplier<Grammar> grammar, List<Integer> ends) {
    Set<Integer> all = new HashSet<>(ends);
    return allowed.computeIfAbsent(key + all, k -> new AllowedTokens(grammar.get(), tokens(), all));
  }

  /** What a token stands for; of a special one, its name. */
  byte[] bytesOf(int token) {
    byte[][] all = tokens().tokens();
    byte[] own = token < all.length ? all[token] : null;
    return own != null
        ? own.clone()
        : base.files()
            .tokenizer()
            .decodeVisibly(new int[] {token})
            .getBytes(StandardCharsets.UTF_8);
  }

  private synchronized Vocabulary tokens() {
    if (tokens == null) {
      tokens = new Vocabulary(TokenBytes.of(base.files().tokenizer().definition()));
    }
    return tokens;
  }
}
