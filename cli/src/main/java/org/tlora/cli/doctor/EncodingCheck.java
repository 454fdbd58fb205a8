/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.doctor;

import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;

/** Letters in file names, arguments and messages. */
record EncodingCheck(Properties properties) implements Check {
  private static final String UTF_8 = "UTF-8";

  @Override
  public String name() {
    return "encoding";
  }

  @Override
  public List<Finding> findings() {
    String names = properties.getProperty("sun.jnu.encoding", UTF_8);
    String texts = properties.getProperty("native.encoding", Charset.defaultCharset().name());
    List<Finding> all = new ArrayList<>();
    String text =
        "file names "
            + names
            + ", messages "
            + texts
            + ", locale "
            + Locale.getDefault().toLanguageTag();
    boolean good = names.equalsIgnoreCase(UTF_8) && texts.equalsIgnoreCase(UTF_8);
    Finding found =
        good
            ? Finding.ok(name(), text)
            : Finding.warning(
                name(),
                text + ": names with letters beyond ASCII may not be found",
                "set LC_ALL=C.UTF-8, or another locale with UTF-8");
    all.add(found.with("file_names", names).with("messages", texts));
    return all;
  }
}
