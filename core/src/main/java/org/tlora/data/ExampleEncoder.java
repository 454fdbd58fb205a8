package org.tlora.data;

import java.util.Arrays;
import java.util.List;
import org.tlora.fault.InputFault;
import org.tlora.text.Message;
import org.tlora.text.PromptTemplate;
import org.tlora.text.Tokenizer;

/**
 * Encodes examples. Instructions go the way of the published scripts: prompt, response, newline,
 * eos; a loss on everything behind the prompt. Conversations go through the model's own chat
 * template. Everything is cut off from the end at a number of tokens.
 */
public final class ExampleEncoder implements RowEncoder {
  private final Tokenizer tokenizer;
  private final PromptTemplate template;
  private final ConversationEncoder conversations;
  private final int eos;
  private final int cutoffLength;

  /**
   * An encoder without conversations.
   *
   * @param eos the id that ends every response
   * @param cutoffLength the most tokens of a row
   */
  public ExampleEncoder(Tokenizer tokenizer, PromptTemplate template, int eos, int cutoffLength) {
    this(tokenizer, template, null, eos, cutoffLength);
  }

  /**
   * An encoder.
   *
   * @param template null: instructions are conversations of one turn each
   * @param conversations null: the model has no chat template
   * @param eos the id that ends every response
   * @param cutoffLength the most tokens of a row
   */
  public ExampleEncoder(
      Tokenizer tokenizer,
      PromptTemplate template,
      ConversationEncoder conversations,
      int eos,
      int cutoffLength) {
    this.tokenizer = tokenizer;
    this.template = template;
    this.conversations = conversations;
    this.eos = eos;
    this.cutoffLength = cutoffLength;
  }

  @Override
  public ExampleFormat format(String name, Fields fields, Row first) {
    return ExampleFormats.choose(name, fields, first);
  }

  /**
   * Ids and labels of one example.
   *
   * @throws InputFault if it is a conversation that the model has no template for, or one that the
   *     template refuses, or not a text to learn at all
   */
  @Override
  public LearnedTokens encode(Example example) {
    if (example instanceof Example.Instruction i) {
      return template == null ? conversation(asConversation(i)) : instruction(i);
    }
    if (example instanceof Example.Conversation c) {
      return conversation(c);
    }
    if (example instanceof Example.PlainText t) {
      return plain(t);
    }
    throw new InputFault(example.where() + ": a label is learned by encoders, not by decoders");
  }

  private static Example.Conversation asConversation(Example.Instruction i) {
    return new Example.Conversation(
        List.of(new Message("user", i.instruction()), new Message(Message.ASSISTANT, i.response())),
        i.where());
  }

  private LearnedTokens instruction(Example.Instruction i) {
    String prompt = template.promptFor(i.instruction());
    String text = prompt + template.responseFor(i.response()) + "\n";
    int[] whole = tokenizer.encode(text, true);
    int length = Math.min(whole.length + 1, cutoffLength);
    int[] ids = Arrays.copyOf(whole, length);
    if (length == whole.length + 1) {
      ids[whole.length] = eos;
    }
    int promptLength = Math.min(tokenizer.encode(prompt, true).length, length);
    int[] labels = ids.clone();
    Arrays.fill(labels, 0, promptLength, Encoded.IGNORED);
    return new LearnedTokens(ids, labels);
  }

  private LearnedTokens conversation(Example.Conversation c) {
    if (conversations == null) {
      throw new InputFault(
          c.where() + ": conversations need a chat template, which the model does not have");
    }
    return cut(conversations.encode(c));
  }

  private LearnedTokens plain(Example.PlainText t) {
    int[] text = tokenizer.encode(t.text(), true);
    int[] ids = Arrays.copyOf(text, text.length + 1);
    ids[text.length] = eos;
    return cut(new LearnedTokens(ids, ids.clone()));
  }

  private LearnedTokens cut(LearnedTokens e) {
    return e.ids().length <= cutoffLength
        ? e
        : new LearnedTokens(
            Arrays.copyOf(e.ids(), cutoffLength), Arrays.copyOf(e.labels(), cutoffLength));
  }

  @Override
  public int cutoffLength() {
    return cutoffLength;
  }

  /** The ids of a prompt alone, for generation. */
  public int[] encodePrompt(String instruction) {
    return tokenizer.encode(template.promptFor(instruction), true);
  }
}
