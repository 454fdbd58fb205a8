/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora;

import java.util.List;
import org.tlora.fault.Problems;
import org.tlora.fault.UsageFault;

/**
 * What an answer is wanted to, and of what form: a conversation with tools, or a text, held to JSON
 * if one likes, and with adapters of its own. Messages, tools and schemas are JSON as OpenAI's API
 * has it. Immutable; safe for threads.
 */
public final class AnswerRequest {
  /** The model calls a tool if it wants to. */
  public static final String AUTO = "auto";

  /** The model calls no tool. */
  public static final String NONE = "none";

  /** The model must call a tool. */
  public static final String REQUIRED = "required";

  private final String messages; // or null
  private final String text; // or null
  private final int[] ids; // or null
  private final String tools;
  private final String toolChoice;
  private final boolean manyCalls;
  private final String variables;
  private final boolean json;
  private final String schema;
  private final GenerationOptions options;
  private final List<TrainedAdapter> adapters;
  private final int choice;

  private AnswerRequest(Builder b) {
    messages = b.messages;
    text = b.text;
    ids = b.ids;
    tools = b.tools;
    toolChoice = b.toolChoice == null ? AUTO : b.toolChoice;
    manyCalls = b.manyCalls;
    variables = b.variables;
    json = b.json;
    schema = b.schema;
    options = b.options;
    adapters = b.adapters;
    choice = b.choice;
  }

  /**
   * An answer to a conversation, by the model's own template.
   *
   * @param json a list of messages with {@code role} and {@code content}
   */
  public static Builder toMessages(String json) {
    Builder b = new Builder();
    b.messages = json;
    return b;
  }

  /** A text that goes on from this one. */
  public static Builder toText(String text) {
    Builder b = new Builder();
    b.text = text;
    return b;
  }

  /** A text that goes on from these tokens. */
  public static Builder toTokens(int... ids) {
    Builder b = new Builder();
    b.ids = ids.clone();
    return b;
  }

  String messages() {
    return messages;
  }

  String text() {
    return text;
  }

  int[] ids() {
    return ids;
  }

  /** A JSON list, or null. */
  String tools() {
    return tools;
  }

  /** auto, none, required, or the name of a tool. */
  String toolChoice() {
    return toolChoice;
  }

  boolean manyCalls() {
    return manyCalls;
  }

  /** A JSON object, or null. */
  String variables() {
    return variables;
  }

  boolean json() {
    return json;
  }

  /** A JSON Schema, or null. */
  String schema() {
    return schema;
  }

  GenerationOptions options() {
    return options;
  }

  /** Null: those that are attached to the model. */
  List<TrainedAdapter> adapters() {
    return adapters;
  }

  int choice() {
    return choice;
  }

  /** Gathers the properties; not safe for threads. */
  public static final class Builder {
    private String messages;
    private String text;
    private int[] ids;
    private String tools;
    private String toolChoice;
    private boolean manyCalls = true;
    private String variables;
    private boolean json;
    private String schema;
    private GenerationOptions options = GenerationOptions.greedy();
    private List<TrainedAdapter> adapters;
    private int choice;

    private Builder() {}

    /** Functions that the model may call, a list of objects of type {@code function}. */
    public Builder tools(String value) {
      tools = value;
      return this;
    }

    /** auto, none, required, or the name of the tool that is to be called. */
    public Builder toolChoice(String value) {
      toolChoice = value;
      return this;
    }

    /** Whether an answer may have more than one call; it may, unless this is set. */
    public Builder manyCalls(boolean value) {
      manyCalls = value;
      return this;
    }

    /** Further names that the chat template sees, a JSON object. */
    public Builder templateVariables(String value) {
      variables = value;
      return this;
    }

    /** The answer is a JSON object. */
    public Builder jsonObject() {
      json = true;
      return this;
    }

    /** The answer is JSON that this JSON Schema allows. */
    public Builder jsonSchema(String value) {
      schema = value;
      return this;
    }

    /** How tokens are chosen. */
    public Builder options(GenerationOptions value) {
      options = value;
      return this;
    }

    /** What the model runs with for this answer alone, in place of what is attached to it. */
    public Builder adapters(List<TrainedAdapter> value) {
      adapters = List.copyOf(value);
      return this;
    }

    /** Which of several answers to the same request this is: each draws its own tokens. */
    public Builder choice(int value) {
      choice = value;
      return this;
    }

    /**
     * Ends the building.
     *
     * @throws UsageFault with everything that does not go together
     */
    public AnswerRequest build() {
      Problems problems = new Problems();
      boolean chats = messages != null;
      problems.require(chats || tools == null, "`tools` go with a conversation");
      problems.require(chats || variables == null, "`templateVariables` go with a conversation");
      problems.require(
          tools != null || toolChoice == null || toolChoice.equals(NONE),
          "`toolChoice` goes with `tools`");
      problems.require(!json || schema == null, "`jsonObject` does not go with `jsonSchema`");
      boolean calls = tools != null && !NONE.equals(toolChoice);
      problems.require(
          !calls || (!json && schema == null),
          "an answer that is held to JSON has no calls: `tools` do not go with it");
      problems.end();
      return new AnswerRequest(this);
    }
  }
}
