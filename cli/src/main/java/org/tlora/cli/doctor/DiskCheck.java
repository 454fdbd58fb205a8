/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tlora.engine.NativeReport;
import org.tlora.fault.RunFault;
import org.tlora.fault.UsageFault;
import org.tlora.hub.HubSettings;

/** Room on disks, and whether it may be written to. */
record DiskCheck(Map<String, String> environment, Path home) implements Check {
  private static final long LITTLE = 2_000_000_000;

  /** What the libraries take unpacked. */
  private static final long UNPACKED = 800_000_000;

  @Override
  public String name() {
    return "disk";
  }

  @Override
  public List<Finding> findings() {
    List<Finding> all = new ArrayList<>();
    all.add(place("working directory", Path.of(""), "outputs go elsewhere with --output"));
    all.add(
        place(
            "temporary files",
            Path.of(System.getProperty("java.io.tmpdir")),
            "TLORA_JAVA_OPTIONS=-Djava.io.tmpdir=DIR names another place"));
    all.add(libraries());
    try {
      Path cache = HubSettings.of(environment, home).cache();
      all.add(place("hub cache", cache, "HF_HUB_CACHE names another place"));
    } catch (UsageFault e) {
      return all; // the hub's own check says it
    }
    return all;
  }

  static Finding place(String name, Path path, String other) {
    Path whole = path.toAbsolutePath();
    long free = Places.free(whole);
    String text = whole + (free < 0 ? "" : ": " + Sizes.bytes(free) + " free");
    Finding found = Finding.ok(name, text);
    if (!Places.canBeWritten(whole)) {
      found = Finding.warning(name, text + ", cannot be written", other);
    } else if (free >= 0 && free < LITTLE) {
      found = Finding.warning(name, text + ", which checkpoints and models soon fill", other);
    }
    return found.with("path", whole.toString()).with("free_bytes", free);
  }

  private static Finding libraries() {
    String other = "TLORA_JAVA_OPTIONS=-Dorg.bytedeco.javacpp.cachedir=DIR names another place";
    try {
      Path cache = NativeReport.cache();
      long free = Places.free(cache);
      if (NativeReport.isUnpacked()) {
        return Finding.ok("library cache", cache + ": the libraries are unpacked");
      }
      return free >= 0 && free < UNPACKED
          ? Finding.fault(
              "library cache", cache + ": " + Sizes.bytes(free) + " free of 800 MB needed", other)
          : Finding.ok("library cache", cache + ": the libraries are still to be unpacked");
    } catch (RunFault e) {
      return Finding.fault("library cache", e.getMessage(), "");
    }
  }
}
