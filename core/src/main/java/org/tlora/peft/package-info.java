/**
 * Fine-tuning methods: what they need to know, how they share out rank, where they start, and how
 * their adapters look on disk.
 */
package org.tlora.peft;
