/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.collective;

import java.util.Optional;

/** How one kind of launcher tells a process its place. */
interface Launcher {
  /**
   * The place, or nothing where this launcher did not start the process.
   *
   * @throws org.tlora.fault.UsageFault if it says only a part of what is needed
   */
  Optional<World> world(LaunchEnvironment environment);
}
