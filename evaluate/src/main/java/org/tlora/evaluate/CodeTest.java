/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.evaluate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.tlora.format.Json;

/**
 * A program that a model wrote, and the tests that say whether it is right. They run in two
 * processes, each in a sandbox of its own: {@code answer.py} has the program, {@code judge.py} the
 * tests, which call it by lines of JSON that hold plain data ({@code wire.py}).
 *
 * @param programs the answer; where several readings of it are given, the first that is Python
 *     counts
 * @param lenient whether the program's own tests are left out, and lines behind it that are none
 * @param helpers a beginning of the program that the tests may trust, such as a prompt with
 *     functions; empty where there is none
 * @param reference a right program: what it defines is what the tests mean by these names; empty
 *     where there is none, then every name that Python does not know is the answer's
 * @param entry the name of the function that is tested, or empty
 * @param tests statements that raise where the answer is wrong
 * @param loading how the program is brought in
 */
record CodeTest(
    List<String> programs,
    boolean lenient,
    String helpers,
    String reference,
    String entry,
    String tests,
    Loading loading) {
  /**
   * How a program is brought in, before anything of it is tested.
   *
   * @param module what it finds in {@code __name__}
   * @param seconds it may take; 0: as long as the sandbox allows
   */
  record Loading(String module, int seconds) {
    /** As the main program. */
    static final Loading MAIN = new Loading("__main__", 0);
  }

  /** A program that runs as the main one. */
  CodeTest(
      List<String> programs,
      boolean lenient,
      String helpers,
      String reference,
      String entry,
      String tests) {
    this(programs, lenient, helpers, reference, entry, tests, Loading.MAIN);
  }

  /** A program as it is, tested by statements; what it defines is what they mean. */
  static CodeTest of(String program, String tests) {
    return new CodeTest(List.of(program), false, "", "", "", tests);
  }

  /** As the judge reads it. */
  ObjectNode toJson() {
    ObjectNode json = Json.object();
    var all = json.putArray("programs");
    programs.forEach(all::add);
    json.put("lenient", lenient).put("helpers", helpers).put("reference", reference);
    return json.put("entry", entry)
        .put("tests", tests)
        .put("module", loading.module())
        .put("load_seconds", loading.seconds());
  }
}
