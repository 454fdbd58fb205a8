/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Machines on one switch, made of Linux's network name spaces: each has an address and a link of
 * its own, which can be cut or slowed down. Needs the right to make them.
 */
final class Networks implements AutoCloseable, Ranked.Place {
  private static final String SWITCH = "tlbr";

  private final List<String> spaces = new ArrayList<>();

  private Networks() {}

  /** So many machines; null where the system does not allow them. */
  static Networks of(int machines) throws IOException, InterruptedException {
    Networks all = new Networks();
    try {
      run("ip", "link", "add", SWITCH, "type", "bridge");
      run("ip", "link", "set", SWITCH, "up");
      for (int i = 0; i < machines; i++) {
        String space = "tl" + i;
        run("ip", "netns", "add", space);
        all.spaces.add(space);
        run("ip", "link", "add", "tlv" + i, "type", "veth", "peer", "name", "eth0", "netns", space);
        run("ip", "link", "set", "tlv" + i, "master", SWITCH, "up");
        run("ip", "-n", space, "addr", "add", all.address(i) + "/24", "dev", "eth0");
        run("ip", "-n", space, "link", "set", "eth0", "up");
        run("ip", "-n", space, "link", "set", "lo", "up");
      }
      return all;
    } catch (IOException e) {
      all.close();
      return null;
    }
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ": " + said);
    }
  }

  String address(int machine) {
    return "10.193.7." + (machine + 1);
  }

  @Override
  public List<String> before(int machine) {
    return List.of("ip", "netns", "exec", spaces.get(machine));
  }

  /** The link of a machine goes down. */
  void cut(int machine) throws IOException, InterruptedException {
    run("ip", "link", "set", "tlv" + machine, "down");
  }

  @Override
  public void close() throws IOException, InterruptedException {
    for (String space : spaces) {
      quietly("ip", "netns", "del", space);
    }
    quietly("ip", "link", "del", SWITCH);
  }

  private static void quietly(String... command) throws InterruptedException {
    try {
      run(command);
    } catch (IOException e) {
      // it was never made
    }
  }
}
