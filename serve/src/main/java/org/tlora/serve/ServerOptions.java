/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.tlora.fault.Problems;

/** How a server serves. Immutable. */
public final class ServerOptions {
  private final Builder of;

  private ServerOptions(Builder of) {
    this.of = of;
  }

  /** A builder: on the loopback interface, at any port, without keys. */
  public static Builder builder() {
    return new Builder();
  }

  String name() {
    return of.name;
  }

  Map<String, String> adapters() {
    return of.adapters;
  }

  String host() {
    return of.host;
  }

  int port() {
    return of.port;
  }

  Path apiKeys() {
    return of.apiKeys;
  }

  Path adapterDirectory() {
    return of.adapterDirectory;
  }

  FineTuningOptions fineTuning() {
    return of.fineTuning;
  }

  int mostAnswers() {
    return of.mostAnswers;
  }

  int mostChoices() {
    return of.mostChoices;
  }

  int usualTokens() {
    return of.usualTokens;
  }

  int mostTokens() {
    return of.mostTokens;
  }

  int bodyBytes() {
    return of.bodyBytes;
  }

  long answerSeconds() {
    return of.answerSeconds;
  }

  long readSeconds() {
    return of.readSeconds;
  }

  long drainSeconds() {
    return of.drainSeconds;
  }

  /** Gathers the options; not safe for threads. */
  public static final class Builder {
    private String name = "base";
    private final Map<String, String> adapters = new LinkedHashMap<>();
    private String host = "127.0.0.1";
    private int port;
    private Path apiKeys;
    private Path adapterDirectory;
    private FineTuningOptions fineTuning;
    private int mostAnswers = 256;
    private int mostChoices = 16;
    private int usualTokens = 1024;
    private int mostTokens = 32768;
    private int bodyBytes = 8 << 20;
    private long answerSeconds = 600;
    private long readSeconds = 30;
    private long drainSeconds = 30;

    private Builder() {}

    /** The base's name for clients. */
    public Builder name(String value) {
      name = value;
      return this;
    }

    /** An adapter that is there from the start, under a name of its own. */
    public Builder adapter(String itsName, String directory) {
      adapters.put(itsName, directory);
      return this;
    }

    /** The interface that is listened on, an address or a name. */
    public Builder host(String value) {
      host = value;
      return this;
    }

    /** The port; 0: any that is free. */
    public Builder port(int value) {
      port = value;
      return this;
    }

    /** A file of keys, one a line, of which clients must send one. */
    public Builder apiKeys(Path value) {
      apiKeys = value;
      return this;
    }

    /** Lets clients load adapters that lie below a directory. */
    public Builder allowAdapterLoading(Path value) {
      adapterDirectory = value;
      return this;
    }

    /** Lets clients fine-tune. */
    public Builder fineTuning(FineTuningOptions value) {
      fineTuning = value;
      return this;
    }

    /** Answers that may run and wait at a time. */
    public Builder mostAnswers(int value) {
      mostAnswers = value;
      return this;
    }

    /** Answers that one request may ask for. */
    public Builder mostChoices(int value) {
      mostChoices = value;
      return this;
    }

    /** Tokens of an answer where a request does not say. */
    public Builder usualTokens(int value) {
      usualTokens = value;
      return this;
    }

    /** Tokens that a request may ask for. */
    public Builder mostTokens(int value) {
      mostTokens = value;
      return this;
    }

    /** Bytes of a request. */
    public Builder bodyBytes(int value) {
      bodyBytes = value;
      return this;
    }

    /** Seconds that an answer may take. */
    public Builder answerSeconds(long value) {
      answerSeconds = value;
      return this;
    }

    /** Seconds that a client may take to read a piece of it. */
    public Builder readSeconds(long value) {
      readSeconds = value;
      return this;
    }

    /** Seconds that answers have to end when the server does. */
    public Builder drainSeconds(long value) {
      drainSeconds = value;
      return this;
    }

    /**
     * Ends the building.
     *
     * @throws org.tlora.fault.UsageFault with everything that is wrong
     */
    public ServerOptions build() {
      Problems problems = new Problems();
      problems.require(!name.isBlank(), "`name` must not be empty");
      problems.require(port >= 0 && port < 65536, "`port` must be between 0 and 65535");
      problems.require(
          !adapters.containsKey(name) && !adapters.containsKey(""),
          "`adapters` need names of their own, other than '" + name + "'");
      problems.require(mostAnswers >= 1, "`mostAnswers` must be at least 1");
      problems.require(mostChoices >= 1, "`mostChoices` must be at least 1");
      problems.require(
          usualTokens >= 1 && mostTokens >= usualTokens,
          "`usualTokens` must be at least 1 and at most `mostTokens`");
      problems.require(bodyBytes >= 1024, "`bodyBytes` must be at least 1024");
      problems.require(
          answerSeconds >= 1 && readSeconds >= 1 && drainSeconds >= 0,
          "`answerSeconds` and `readSeconds` must be at least 1, `drainSeconds` at least 0");
      problems.end();
      return new ServerOptions(this);
    }
  }
}
