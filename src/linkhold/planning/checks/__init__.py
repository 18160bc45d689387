"""The rules between objects, by what they are about; `plan.check` lists them."""
