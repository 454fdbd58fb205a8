package org.tlora.text;

/**
 * One turn of a conversation.
 *
 * @param role {@code system}, {@code user}, {@code assistant}, {@code tool} or whatever else the
 *     model's template knows
 */
public record Message(String role, String content) {
  /** The role whose turns are learned. */
  public static final String ASSISTANT = "assistant";

  /** Whether this is said before the conversation. */
  public boolean isOfSystem() {
    return role.equals("system");
  }

  /** Whether the model says this. */
  public boolean isOfAssistant() {
    return role.equals(ASSISTANT);
  }
}
