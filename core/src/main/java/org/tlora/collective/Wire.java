/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.collective;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Lines of text over a connection. Lines are short: whoever sends a long one is somebody else. */
final class Wire implements AutoCloseable {
  private static final int MOST = 1 << 16;

  private final Socket socket;
  private final InputStream in;

  Wire(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream());
  }

  /** For how long {@link #read} waits, in milliseconds; 0: for ever. */
  void patience(int millis) throws IOException {
    socket.setSoTimeout(millis);
  }

  /** The address that this side has. */
  InetAddress ownAddress() {
    return socket.getLocalAddress();
  }

  /** The address of the other side. */
  InetAddress otherAddress() {
    return socket.getInetAddress();
  }

  synchronized void write(String line) throws IOException {
    String flat = line.replaceAll("\\s*\\R\\s*", " ");
    byte[] bytes =
        (flat.substring(0, Math.min(flat.length(), MOST / 4)) + "\n")
            .getBytes(StandardCharsets.UTF_8);
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  /**
   * The next line, or null behind the last.
   *
   * @throws IOException also where a line is too long to be ours
   */
  String read() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        return null;
      }
      if (line.size() == MOST) {
        throw new IOException("a line of more than " + MOST + " bytes");
      }
      line.write(c);
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  /** Nothing more is written; what was reaches the other side. */
  synchronized void finish() {
    try {
      socket.shutdownOutput();
    } catch (IOException e) {
      // the other side has closed already
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // it is of no more use in any case
    }
  }
}
