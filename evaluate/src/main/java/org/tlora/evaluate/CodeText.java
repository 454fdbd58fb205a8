/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

/** Takes the program out of an answer, as the published scripts do. */
final class CodeText {
  private static final String FENCE = "```python";

  private CodeText() {}

  /**
   * The first fenced block, or all where there is none, up to the first self-test.
   *
   * <p>Every mark of the fence's start goes, also those of later blocks, and "assert" cuts wherever
   * it stands: so the published code has it.
   */
  static String of(String completion) {
    String code = completion;
    int fence = code.indexOf(FENCE);
    if (fence >= 0) {
      code = cut(code.substring(fence).strip().replace(FENCE, ""), "\n```");
    }
    code = cut(code, "if __name__ == \"__main__\":");
    code = cut(code, "# Example usage");
    code = cut(code, "assert");
    return code.replace("\r", "");
  }

  private static String cut(String text, String before) {
    int at = text.indexOf(before);
    return at < 0 ? text : text.substring(0, at).strip();
  }
}
