/* SPDX-License-Identifier: Apache-2.0 */
package org.tlora.serve.store;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.sqlite.SQLiteConfig;
import org.tlora.fault.InputFault;
import org.tlora.fault.RunFault;

/**
 * The server's database, a file of SQLite. What a call has written is there after a process was
 * killed: it is appended to a log first, which the next who opens the file reads. Safe for threads,
 * one at a time.
 */
public final class Database implements AutoCloseable {
  /** Of the tables below; another one is another program's, or a later version's. */
  private static final int VERSION = 1;

  private static final List<String> TABLES =
      List.of(
          "CREATE TABLE files (id TEXT PRIMARY KEY, created_at INTEGER NOT NULL,"
              + " bytes INTEGER NOT NULL, filename TEXT NOT NULL, purpose TEXT NOT NULL)",
          "CREATE TABLE jobs (position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,"
              + " created_at INTEGER NOT NULL, started_at INTEGER, finished_at INTEGER,"
              + " status TEXT NOT NULL, request TEXT NOT NULL, options TEXT NOT NULL,"
              + " model TEXT, error TEXT, trained_tokens INTEGER NOT NULL DEFAULT 0,"
              + " steps INTEGER NOT NULL DEFAULT 0, total_steps INTEGER NOT NULL DEFAULT 0,"
              + " result_file TEXT, process INTEGER, process_started INTEGER)",
          "CREATE TABLE events (position INTEGER PRIMARY KEY AUTOINCREMENT,"
              + " job TEXT NOT NULL REFERENCES jobs(id), created_at INTEGER NOT NULL,"
              + " level TEXT NOT NULL, type TEXT NOT NULL, message TEXT NOT NULL, step TEXT,"
              + " data TEXT NOT NULL, UNIQUE (job, step))");

  private final Connection connection;

  /** Makes something of a row. */
  interface Row<T> {
    T of(ResultSet row) throws SQLException;
  }

  /**
   * Opens the database, or makes it.
   *
   * @throws InputFault if the file is something else
   */
  public Database(Path file) {
    try {
      SQLiteConfig config = new SQLiteConfig();
      config.setJournalMode(SQLiteConfig.JournalMode.WAL);
      config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
      config.enforceForeignKeys(true);
      connection = config.createConnection("jdbc:sqlite:" + file.toAbsolutePath());
      prepare(file);
    } catch (SQLException e) {
      throw new InputFault(file + " is no database that can be opened: " + e.getMessage(), e);
    }
  }

  private void prepare(Path file) throws SQLException {
    int version;
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("PRAGMA user_version")) {
      version = row.getInt(1);
    }
    if (version != 0 && version != VERSION) {
      connection.close();
      throw new InputFault(
          file + " is of version " + version + ", which this program does not know");
    }
    if (version == 0) {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        for (String table : TABLES) {
          statement.execute(table);
        }
        statement.execute("PRAGMA user_version = " + VERSION);
      }
      connection.commit();
      connection.setAutoCommit(true);
    }
  }

  /** Writes; gives how many rows changed. */
  synchronized int write(String sql, Object... values) {
    try (PreparedStatement statement = prepared(sql, values)) {
      return statement.executeUpdate();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** Writes everything that is written meanwhile, or nothing of it. */
  synchronized void together(Runnable writes) {
    try {
      connection.setAutoCommit(false);
      try {
        writes.run();
        connection.commit();
      } catch (RuntimeException e) {
        connection.rollback();
        throw e;
      } finally {
        connection.setAutoCommit(true);
      }
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** Reads. */
  synchronized <T> List<T> read(Row<T> row, String sql, Object... values) {
    try (PreparedStatement statement = prepared(sql, values);
        ResultSet rows = statement.executeQuery()) {
      List<T> all = new ArrayList<>();
      while (rows.next()) {
        all.add(row.of(rows));
      }
      return all;
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private PreparedStatement prepared(String sql, Object... values) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
    return statement;
  }

  private static RunFault failed(SQLException e) {
    return new RunFault("the server's database cannot be used: " + e.getMessage(), e);
  }

  /** Seconds since 1970, as the API has them. */
  static long now() {
    return System.currentTimeMillis() / 1000;
  }

  @Override
  public synchronized void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw failed(e);
    }
  }
}
