"""What every layer may lean on: values, diagnostics, failures, clocks. No domain knowledge lives here."""
