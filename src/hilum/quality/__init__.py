"""The gate: rules as data, findings, score and verdict. Pure; nothing here touches a disk or a clock."""
