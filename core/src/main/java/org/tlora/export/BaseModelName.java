/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.export;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlora.pretrained.PretrainedModel;

/** What GGUF calls the model that another was made from: {@code general.base_model}. */
final class BaseModelName {
  private static final Pattern HUB = Pattern.compile("([\\w.-]+)/([\\w.-]+)");
  private static final String HUB_ADDRESS = "https://huggingface.co/";

  private BaseModelName() {}

  /** The metadata, as llama.cpp's conversion of adapters writes them. */
  static Map<String, Object> metadata(PretrainedModel base) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("general.base_model.count", 1L);
    Matcher hub = HUB.matcher(base.name());
    boolean ofHub = !base.path().toString().equals(base.name()) && hub.matches();
    if (ofHub) {
      put(m, "name", title(hub.group(2)));
      put(m, "organization", title(hub.group(1)));
      put(m, "repo_url", HUB_ADDRESS + base.name());
    } else if (base.gguf() != null && base.gguf().metadata().get("general.name") != null) {
      put(m, "name", base.gguf().metadata().get("general.name"));
      put(m, "organization", base.gguf().metadata().get("general.organization"));
      put(m, "repo_url", base.gguf().metadata().get("general.repo_url"));
    } else {
      String file = String.valueOf(base.path().toAbsolutePath().normalize().getFileName());
      put(m, "name", title(file.replaceFirst("\\.gguf$", "")));
    }
    return m;
  }

  private static void put(Map<String, Object> m, String key, Object value) {
    if (value instanceof String) {
      m.put("general.base_model.0." + key, value);
    }
  }

  /** Words with capitals, as {@code meta-llama} is written Meta Llama. */
  private static String title(String id) {
    StringBuilder title = new StringBuilder();
    for (String word : id.strip().replace('-', ' ').split(" +")) {
      boolean lower = word.equals(word.toLowerCase(Locale.ROOT));
      boolean plain = lower && !word.isEmpty() && !word.matches("v?\\d.*");
      title.append(title.isEmpty() ? "" : " ");
      title.append(
          plain ? word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1) : word);
    }
    return title.toString();
  }
}
